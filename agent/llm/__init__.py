"""Everything that touches a language model: requests, prompts, the gateway, recordings, the ledger."""
