from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.preflight.syntax import lexing, shell
from pypi_setup.preflight.syntax.shell import commands


def words(text: str, name: str = "", **variables: str) -> list[list[str]]:
    """Return the words of each command; what is not known has a question mark in front."""
    return [
        [word.text if word.known else f"?{word.text}" for word in command.words]
        for command in commands(text, name, variables).commands
    ]


def environment(text: str, name: str = "", **variables: str) -> dict[str, str]:
    """Return what the last command sees."""
    seen = commands(text, name, variables).commands[-1].environment
    return {key: seen[key].text if seen[key].known else "?" for key in sorted(seen)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a b c", [["a", "b", "c"]]),
        ("a\nb\n\n  c", [["a"], ["b"], ["c"]]),
        ("a; b && c || d | e & f", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]),
        ("a |& b", [["a"], ["b"]]),
        ("a \\\n  b \\\n  c", [["a", "b", "c"]]),
        ("a\\\nb", [["ab"]]),
        ("a # b\n# c\nd#e", [["a"], ["d#e"]]),
        ("a 'b c' \"d e\" f\\ g", [["a", "b c", "d e", "f g"]]),
        ("a '' \"\"", [["a", "", ""]]),
        ('a "b \\"c\\" \\d \\\\" \'e\\\'', [["a", 'b "c" \\d \\', "e\\"]]),
        ("a 'b # c' d", [["a", "b # c", "d"]]),
        ("a > out 2> err < in 2>&1 &> all >> more b", [["a", "b"]]),
        ("a <<< 'text' b", [["a", "b"]]),
        ("(a; b) ; { c; d; }", [["a"], ["b"], ["c"], ["d"]]),
        ("! a", [["a"]]),
        ("if a; then b; elif c; then d; else e; fi", [["a"], ["b"], ["c"], ["d"], ["e"]]),
        ("while a; do b; done; until c; do d; done", [["a"], ["b"], ["c"], ["d"]]),
        ("for x in a b; do c; done", [["c"]]),
        ("for ((i=0; i<3; i++)); do c; done", [["i"], ["i++"], ["c"]]),
        ("case $X in\n a) b ;;\n (c|d) e ;&\n *) f ;;\nesac\ng", [["b"], ["c"], ["d"], ["e"], ["f"], ["g"]]),
        ("case x in a) b;; esac", [["b"]]),
        ("f() { a; }\nfunction g { b; }\nfunction h() { c; }", [["a"], ["b"], ["c"]]),
        ("[[ -f a && -f b ]] && c", [["[[", "-f", "a"], ["c"]]),
        ("if (a); then b; fi", [["a"], ["b"]]),
        ("A=(x y\nz)\nb", [["b"]]),
        ("cat <<EOF\na b\nEOF\nc", [["cat"], ["c"]]),
        ("cat <<'E F' - \na\nE F\nc", [["cat", "-"], ["c"]]),
        ("cat <<-EOF\n\ta\n\tEOF\nc", [["cat"], ["c"]]),
        ("cat <<A <<B\na\nA\nb\nB\nc", [["cat"], ["c"]]),
        ("cat <<EOF\na", [["cat"]]),
        ("a <<EOF | b\nx\nEOF\nc", [["a"], ["b"], ["c"]]),
        ("a ${{ secrets.A || 'b c' }} d", [["a", "${{ secrets.A || 'b c' }}", "d"]]),
        ("a '${{ x['y'] }}' \"${{ z }}\"", [["a", "${{ x['y'] }}", "${{ z }}"]]),
        ("a ${{ unclosed\nb", [["a", "?${{ unclosed\nb"]]),
        ("a $'b' $\"c\" $ d$", [["a", "b", "c", "$", "d$"]]),
        ('a $1 $@ $? "$#"', [["a", "?$1", "?$@", "?$?", "?$#"]]),
        ("a $(b c) `d e`", [["b", "c"], ["d", "e"], ["a", "?$(b c)", "?`d e`"]]),
        ('a "$(b "c)")" "`d`"', [["b", "c)"], ["d"], ["a", '?$(b "c)")', "?`d`"]]),
        ("a $(b '(' \\) ${c:-)} ) d", [["b", "(", ")", "?${c:-)}"], ["a", "?$(b '(' \\) ${c:-)} )", "d"]]),
        ('a "${b:-"$(c)"}" e', [["a", '?${b:-"$(c)"}', "e"]]),
        ("a $((1 + 2))", [["a", "?$((1 + 2))"]]),
        ("a $(b", [["b"], ["a", "?$(b"]]),
        ("a ${b", [["a", "?$b"]]),
        ("a 'b", [["a", "b"]]),
        ('a "b', [["a", "b"]]),
        ("a \\", [["a", ""]]),
        ("bash -ec 'a b; c'", [["a", "b"], ["c"]]),
        ("bash -e x.sh", [["bash", "-e", "x.sh"]]),
        ("bash -c", [["bash", "-c"]]),
        ("eval 'a b' c", [["a", "b", "c"]]),
        ("x=$(a) y=1", [["a"]]),
        ("export A=$(b)", [["b"]]),
        ("}\n)\nfi\nesac\nelse\na", [["a"]]),
        (";;\n&&\n||\na", [["a"]]),
        ("\U000f0000 a", [["\ufffd", "a"]]),
        ("sudo", []),
    ],
)
def test_commands_of_a_shell(text: str, expected: list[list[str]]) -> None:
    assert words(text) == expected
    assert commands(text).complete


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a `\n  b", [["a", "b"]]),
        ("a b\\c 'd''e' \"f `\"g`\"\"", [["a", "b\\c", "de", 'f "g"']]),
        ("a # b\n<# c\nd #> e", [["a"], ["e"]]),
        ("if ($x -eq 1) { a; b } else { c }", [["?$x", "-eq", "1"], ["a"], ["b"], ["c"]]),
        ("foreach ($f in b) { a $f }", [["?$f", "in", "b"], ["a", "?$f"]]),
        ("& 'C:\\bin\\a.exe' b", [["C:\\bin\\a.exe", "b"]]),
        ("a > out 2>&1 *> all", [["a"]]),
        ("a | b && c || d", [["a"], ["b"], ["c"], ["d"]]),
        ("$x = 'b'\na $x ${x} $X", [["a", "b", "b", "b"]]),
        ("$x='b c'; a $x", [["a", "b c"]]),
        ("$x += 'b'; a $x", [["a", "?$x"]]),
        ("$x = a b c d; a $x", [["a", "?$x"]]),
        ("$env:A = 'b'; a $env:A $Env:A ${env:A}", [["a", "b", "b", "b"]]),
        ("if (1) { $x = 'b' }; a $x", [["1"], ["a", "?$x"]]),
        ('a @"\nb $c\n"@ d', [["a", "b $c", "d"]]),
        ("a $(b) $env:NONE", [["b"], ["a", "?$(b)", "?$env:NONE"]]),
        ("$x\n$x.y", [["?$x"], ["?$x.y"]]),
        ("a } ) b", [["a"], ["b"]]),
    ],
)
def test_commands_of_powershell(text: str, expected: list[list[str]]) -> None:
    assert words(text, "pwsh") == expected
    assert commands(text, "powershell -command \". '{0}'\"").complete


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        ("", True),
        ("bash", True),
        ("sh", True),
        ("bash -el {0}", True),
        ("/bin/zsh {0}", True),
        ("pwsh", True),
        ("cmd", False),
        ("python", False),
        ("python3.12 {0}", False),
        ("perl {0}", False),
        ("fish {0}", False),
    ],
)
def test_shells_that_can_be_read(name: str, readable: bool) -> None:
    script = commands("twine upload", name)
    assert script.complete == readable
    assert len(script.commands) == readable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=b\nc $A ${A} \"$A\" '$A' x$A.y", ["c", "b", "b", "b", "$A", "xb.y"]),
        ("A='b c'\nd $A \"$A\" x$A.y", ["d", "b", "c", "b c", "xb", "c.y"]),
        ("A=' b '\nd x$A.y", ["d", "x", "b", ".y"]),
        ("A=''\nd $A \"$A\" ${A:-e} ${A-f}", ["d", "", "e", "f"]),
        ("A='${{ secrets.A }} b'\nd $A", ["d", "${{ secrets.A }}", "b"]),
        ("A=b\nA+=c\nd $A", ["d", "?$A"]),
        ("A=(b c)\nd $A", ["d", "?$A"]),
        ("A=$B\nd $A", ["d", "?$B"]),
        ("d $A ${A%/} ${#A}", ["d", "?$A", "?${A%/}", "?${#A}"]),
        ("d $OUTSIDE", ["d", "here"]),
        ("for OUTSIDE in a b; do :; done\nd $OUTSIDE", ["d", "?$OUTSIDE"]),
        ("read -r OUTSIDE\nd $OUTSIDE", ["d", "?$OUTSIDE"]),
        ("unset OUTSIDE\nd $OUTSIDE.", ["d", "."]),
        ("if a; then OUTSIDE=b; fi\nd $OUTSIDE", ["d", "?$OUTSIDE"]),
        ("if a; then OUTSIDE=b; else d $OUTSIDE; fi", ["d", "here"]),
        ("if a; then OUTSIDE=b; d $OUTSIDE; fi", ["d", "b"]),
        ("if a; then if b; then OUTSIDE=b; fi; fi\nd $OUTSIDE", ["d", "?$OUTSIDE"]),
        ("case x in\na) OUTSIDE=b ;;\nb) d $OUTSIDE ;;\nesac", ["d", "here"]),
        ("case x in\na) b || OUTSIDE=c ;;\nd) d $OUTSIDE ;;\nesac", ["d", "here"]),
        ("(OUTSIDE=b)\nd $OUTSIDE", ["d", "here"]),
        ("(a || OUTSIDE=b)\nd $OUTSIDE", ["d", "here"]),
        ("{ OUTSIDE=b; }\nd $OUTSIDE", ["d", "b"]),
        ("[ a ] && OUTSIDE=b\nd $OUTSIDE", ["d", "?$OUTSIDE"]),
        ("[ a ] && OUTSIDE=b && d $OUTSIDE", ["d", "b"]),
        ("a || OUTSIDE=b\nd $OUTSIDE", ["d", "?$OUTSIDE"]),
        ("a || { OUTSIDE=b; c; }\nd $OUTSIDE", ["d", "?$OUTSIDE"]),
        ("if a; then b || OUTSIDE=c; else d $OUTSIDE; fi", ["d", "here"]),
        ("cd a && OUTSIDE=b\nd $OUTSIDE", ["d", "b"]),
        (f"A={'x' * 5000}\nd $A", ["d", "?$A"]),
        ("A=\\$B\nd $A", ["d", "$B"]),
        ("d ${A}e ${A}.e $A/e ${A%/}e", ["d", "?${A}e", "?$A.e", "?$A/e", "?${A%/}e"]),
    ],
)
def test_variables_in_words(text: str, expected: list[str]) -> None:
    assert words(text, OUTSIDE="here")[-1] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("c", {"OUTSIDE": "here"}),
        ("A=b\nc", {"OUTSIDE": "here"}),
        ("A=b c", {"OUTSIDE": "here", "A": "b"}),
        ("A=b c\nd", {"OUTSIDE": "here"}),
        ("OUTSIDE=b\nc", {"OUTSIDE": "b"}),
        ("export A=b\nc", {"OUTSIDE": "here", "A": "b"}),
        ("A=b\nexport A C\nc", {"OUTSIDE": "here", "A": "b"}),
        ("export A=b\nA=c\nd", {"OUTSIDE": "here", "A": "c"}),
        ("declare -x A=b\ndeclare -r C=d\nreadonly E=f\nc", {"OUTSIDE": "here", "A": "b"}),
        ("export 'A'=$(b) -x\nc", {"OUTSIDE": "here", "A": "?"}),
        ("(export A=b; c)\nd", {"OUTSIDE": "here"}),
        ("if a; then export A=b; fi\nc", {"OUTSIDE": "here", "A": "?"}),
        ("env A=b C=d c", {"OUTSIDE": "here", "A": "b", "C": "d"}),
        ("export A=b\nx=$(c)", {"OUTSIDE": "here", "A": "b"}),
    ],
)
def test_variables_that_a_command_sees(text: str, expected: dict[str, str]) -> None:
    assert environment(text, OUTSIDE="here") == expected


def test_lines() -> None:
    text = "# first\na \\\n  b\n\ncat <<E\nx\nE\nc ${{ d\n}} e\nbash -c '\nf'; g $(\nh)\nexport I=j\nk"
    script = commands(text)
    assert [(command.line, command.program) for command in script.commands] == [
        (1, "a"),
        (4, "cat"),
        (7, "c"),
        (10, "f"),
        (11, "h"),
        (10, "g"),
        (13, "k"),
    ]
    assert [word.line for word in script.commands[0].words] == [1, 2]
    assert script.commands[-1].environment["I"].line == 12


def test_what_a_command_reads_and_writes() -> None:
    script = commands("a b >> $OUT 2>&1\ncat <<E > ~/.pypirc\n${{ c }} $d\nE\ne | f", "", {"OUT": "file"})
    first, cat, _, last = script.commands
    assert [word.text for word in first.targets] == ["file", "1"]
    assert [word.text for word in first.arguments] == ["b"]
    assert [word.text for word in cat.targets] == ["~/.pypirc"]
    assert cat.body == "${{ c }} $d\n"
    assert [first.piped, last.piped] == [False, True]
    assert [command.body for command in commands("a <<A; b | c <<B\nd\nA\ne\nB").commands] == [
        "d\n",
        "",
        "e\n",
    ]
    assert [command.body for command in commands("<<A <<B a\nb\nA\nc\nB\nd").commands] == ["b\nc\n", ""]
    assert commands("<<A\nc\nA\nb").commands[0].body == ""


def test_words_that_can_become_several() -> None:
    (command,) = commands('a $b "$b" x$b $(c) $@').commands[1:]
    assert [word.bare for word in command.words] == [False, True, False, False, True, True]


@pytest.mark.parametrize(
    "text",
    [
        "a\n" * (lexing.COMMANDS_LIMIT + 1),
        "x" * (lexing.SIZE_LIMIT + 1),
        "(" * (shell.BLOCKS_LIMIT + 1),
        "\n".join(f"A{number}=b" for number in range(shell.VARIABLES_LIMIT + 1)),
        "$(" * 20,
        "eval 'eval \"eval eval eval eval eval eval eval a\"'",
        f"A={'x' * 4000}\n" + "b " + "$A" * 300,
    ],
)
def test_what_the_bounds_cut_off_is_told(text: str) -> None:
    script = commands(text)
    assert not script.complete
    assert len(script.commands) <= lexing.COMMANDS_LIMIT


PIECES = st.sampled_from(
    [
        *" \n\t;&|(){}<>$`'\"\\#=!*[]",
        *("$(", "${", "${{", "}}", "<<", "<<-", "<<<", "E", "\nE\n", "&&", "||", ";;", "2>&1", "A=", "$A"),
        *(
            "if ",
            "then ",
            "else ",
            "fi",
            "for ",
            "do ",
            "done",
            "case ",
            " in ",
            "esac",
            "function ",
            "export ",
        ),
        *("@'", "'@", "<#", "#>", "$env:", "bash -c ", "eval ", "sudo ", "env ", "uv run "),
        *("\U000f0000", "\xe9", "\u2028"),
    ]
)


@given(st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=100), st.sampled_from(["bash", "pwsh"]))
def test_any_text_gives_commands(text: str, name: str) -> None:
    script = commands(text, name, {"A": "b ${{ c }} d", "B": text})
    for command in script.commands:
        assert command.words
        assert 0 <= command.line <= text.count("\n")
        assert all(0 <= word.line <= text.count("\n") for word in command.words)
        assert all(isinstance(value.text, str) for value in command.environment.values())


@given(
    st.lists(st.text("abc-./=:@%+,", min_size=1), min_size=1, max_size=6).filter(
        lambda given: "=" not in given[0]
    )
)
def test_plain_words_come_back_as_they_are(given_words: list[str]) -> None:
    assert words("x " + " ".join(given_words)) == [["x", *given_words]]


@given(
    st.lists(st.text(st.characters(exclude_characters="\0'", exclude_categories=["Cs", "Co"])), max_size=5)
)
def test_quoted_words_come_back_as_they_are(given_words: list[str]) -> None:
    quoted = " ".join(f"'{word}'" for word in given_words)
    assert [word for command in words(f"x {quoted}") for word in command] == ["x", *given_words]
