"""Tables that are piped are whole."""

from agent.app.cli.context import table


def test_a_cell_is_not_broken_where_there_is_no_terminal(monkeypatch, capsys):
    monkeypatch.delenv("COLUMNS", raising=False)
    long = "A name that is longer than it should be, and an account of more words than fit into eighty columns"
    table("", ["name", "account"], [[long, long]])
    out = capsys.readouterr().out
    assert out.splitlines()[1].count(long) == 2
    monkeypatch.setenv("COLUMNS", "60")
    table("", ["name", "account"], [["x", long]])
    assert long not in capsys.readouterr().out
