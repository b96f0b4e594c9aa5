"""Putting right what is stored already: words, speakers, people's names; taking a single interview or call out."""
