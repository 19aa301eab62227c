//! What is refused, with which code and words, and what is underlined.

use super::{parse_expression, parse_query};
use crate::diag::{Code, Problem};
use crate::syntax::{Limits, parse_path};

/// The code, the sentence, and the underlined text.
fn told(problem: &Problem) -> (Code, String, String) {
    let source = problem.source().map_or("", |source| &source.text);
    let under = problem.span().map_or("", |span| span.of(source));
    (problem.code(), problem.to_string(), under.to_owned())
}

fn check<T>(read: impl Fn(&str) -> Result<T, Problem>, rows: &[(&str, Code, &str, &str)]) {
    for (text, code, message, under) in rows {
        let Err(problem) = read(text) else {
            panic!("{text} was read")
        };
        let expected = (*code, (*message).to_owned(), (*under).to_owned());
        assert_eq!(told(&problem), expected, "{text}");
    }
}

#[test]
fn expressions_say_what_was_expected() {
    use Code::SyntaxError as S;
    check(
        |text| parse_expression(text, &Limits::default()),
        &[
            ("", S, "expected an expression", ""),
            ("A eq", S, "expected an operand after `eq`", ""),
            ("A eq )", S, "expected an operand after `eq`", ")"),
            ("A and", S, "expected an operand after `and`", ""),
            ("not ", S, "expected an operand after `not`", ""),
            ("A eq'x'", S, "expected a blank after `eq`", "'"),
            ("'x'eq A", S, "expected a blank before `eq`", "eq"),
            (
                "A eqq 1",
                S,
                "expected an operator, found `eqq`; did you mean `eq`?",
                "eqq",
            ),
            ("A = 1", S, "unexpected `=`; OData writes `eq`", "="),
            ("A && B", S, "unexpected `&&`; OData writes `and`", "&"),
            ("A B", S, "expected an operator, found `B`", "B"),
            ("'O'Neil'", S, "expected an operator, found `Neil`", "Neil"),
            ("A eq 'x", S, "unclosed `'`", "'"),
            (
                "A eq \"x\"",
                S,
                "expected an operand after `eq`; texts stand in single quotes: `'…'`",
                "\"",
            ),
            ("(A eq 1", S, "unclosed `(`", "("),
            ("contains(A,'x'", S, "unclosed `(`", "("),
            ("A eq 1)", S, "unexpected `)`; nothing is open here", ")"),
            ("contains(A,)", S, "expected an argument", ")"),
            ("(1,2)", S, "expected an operator or `)`, found `,`", ","),
            ("[1", S, "unclosed `[`", "["),
            ("{\"a\" 1}", S, "expected `:`", "1"),
            ("{a:1}", S, "expected a name in double quotes", "a"),
            (
                "12abc",
                S,
                "`12abc` is not a number, date, time or guid",
                "12abc",
            ),
            (
                "2012-13-01",
                S,
                "`2012-13-01` is not a number, date, time or guid",
                "2012",
            ),
            ("42.", S, "`42.` is not a number, date, time or guid", "42"),
            (
                "-0.314e1e2",
                S,
                "`-0.314e1e2` is not a number, date, time or guid",
                "-",
            ),
            (
                "2012-09-03T24:00Z",
                S,
                "expected a time such as `21:30:00`",
                "24",
            ),
            (
                "2012-09-03T12:00",
                S,
                "expected `Z` or an offset such as `+02:00` after the time",
                "",
            ),
            ("duration'P1Y'", S, "`P1Y` is not a duration", "duration"),
            ("duration'P'", S, "`P` is not a duration", "duration"),
            ("binary'a+b='", S, "`a+b=` is not base64url", "binary"),
            (
                "Items/all()",
                S,
                "expected a range variable such as `x:`",
                ")",
            ),
            (
                "Items/any(x)",
                S,
                "expected `:` after the range variable",
                ")",
            ),
            ("A/", S, "expected a name after `/`", ""),
            (
                "A/$value",
                S,
                "`/$value` has no meaning in an expression; `/$count` and `/$filter(…)` are allowed",
                "$",
            ),
            (
                "$that",
                S,
                "`$that` has no meaning here; an expression may start with `$it`, `$this` or `$root/`",
                "$",
            ),
            ("@", S, "expected a name after `@`", ""),
        ],
    );
}

#[test]
fn options_say_what_is_wrong() {
    use Code::{InvalidOption as O, InvalidValue as V, SyntaxError as S};
    check(
        |text| parse_query(text, &Limits::default()),
        &[
            (
                "$fitler=A",
                O,
                "there is no query option `$fitler`; did you mean `$filter`?",
                "$fitler",
            ),
            ("$top=1&TOP=2", O, "`$top` is given twice", ""),
            ("@p=1&@p=2", O, "`@p` is given twice", ""),
            ("$top=-1", V, "`$top` takes a whole number from 0", "-1"),
            ("$skip=x", V, "`$skip` takes a whole number from 0", "x"),
            (
                "$top=99999999999999999999",
                V,
                "`$top` takes a whole number from 0",
                "99999999999999999999",
            ),
            ("$count=1", V, "`$count` takes `true` or `false`", "1"),
            ("$count", V, "`$count` takes `true` or `false`", ""),
            ("$index=x", V, "`$index` takes a whole number", "x"),
            (
                "$expand=A($levels=04)",
                V,
                "`$levels` takes a whole number from 1, or `max`",
                "04",
            ),
            ("$skiptoken=", V, "`$skiptoken` takes a value", ""),
            ("$filter=", S, "expected a condition", ""),
            ("$select=A,", S, "expected a property, `*` or `default`", ""),
            ("$select=A B", S, "expected `,`, `/` or `(`, found `B`", "B"),
            (
                "$orderby=A down",
                S,
                "expected an operator, `asc`, `desc` or `,`, found `down`",
                "down",
            ),
            ("$expand=A(top=1", S, "unclosed `(`", "("),
            (
                "$expand=A()",
                S,
                "expected an option such as `$filter=…`",
                ")",
            ),
            (
                "$expand=A($fitler=B)",
                O,
                "there is no query option `$fitler`; did you mean `$filter`?",
                "$fitler",
            ),
            ("$expand=A(top=1;top=2)", O, "`$top` is given twice", ""),
            (
                "$expand=A/$ref($levels=4)",
                O,
                "`$levels` is not allowed after `/$ref`; allowed here: `$count`, `$filter`, `$orderby`, `$search`, `$skip`, `$top`",
                "$levels",
            ),
            (
                "$expand=A/$count(@p=1)",
                O,
                "`@p` is not allowed after `/$count`; allowed here: `$filter`, `$search`",
                "@p",
            ),
            ("$compute=A", S, "expected `as` and a name", ""),
            ("$search=\"blue", S, "unclosed `\"`", "\""),
            ("$search=", S, "expected a word to search for", ""),
            (
                "$search=AND",
                S,
                "`AND` joins words, and one is missing; write `\"AND\"` to look for it",
                "AND",
            ),
            (
                "$search=a OR",
                S,
                "`OR` joins words, and one is missing; write `\"OR\"` to look for it",
                "OR",
            ),
            (
                "$search=NOT",
                S,
                "`NOT` joins words, and one is missing; write `\"NOT\"` to look for it",
                "NOT",
            ),
            (
                "$search=a AND AND b",
                S,
                "`AND` joins words, and one is missing; write `\"AND\"` to look for it",
                "AND",
            ),
            (
                "$filter=%zz",
                S,
                "`%` is not followed by two hexadecimal digits",
                "%",
            ),
            (
                "$filter=A%00",
                S,
                "the character U+0000 is not allowed",
                "%00",
            ),
            (
                "$filter=A in [\"\\u0000\"]",
                S,
                "the character U+0000 is not allowed",
                "\"",
            ),
            (
                "$filter=A%FF",
                S,
                "the percent-encoded bytes are not UTF-8",
                "\u{fffd}",
            ),
        ],
    );
}

#[test]
fn paths_say_what_is_wrong() {
    use Code::SyntaxError as S;
    check(
        |text| parse_path(text, &Limits::default()),
        &[
            (
                ".Users('foo')",
                S,
                "expected the name of an entity set",
                ".Users('foo')",
            ),
            (
                "Users.('foo')",
                S,
                "expected the name of an entity set",
                "Users.('foo')",
            ),
            ("Users//A", S, "a segment is empty", ""),
            (
                "Users('a/b')",
                S,
                "a `/` inside a text of the path is written `%2F`",
                "/",
            ),
            (
                "Users(ID=wrong)",
                S,
                "expected a value; texts stand in quotes: `'…'`",
                "wrong",
            ),
            ("Users('a'", S, "unclosed `(`", "("),
            ("Users('a", S, "unclosed `'`", "'"),
            ("Users(A=1;B=2)", S, "expected `,` or `)`, found `;`", ";"),
            ("Users(1)x", S, "expected `/` or the end, found `x`", "x"),
            ("Users/$count/A", S, "nothing may follow here", "A"),
            (
                "$count",
                S,
                "`$count` may not be the first segment",
                "$count",
            ),
            (
                "Users/$metadata",
                S,
                "`$metadata` may only be the first segment",
                "$metadata",
            ),
            (
                "$metadata(1)",
                S,
                "there is no segment `$metadata`; `$metadata` takes no parentheses",
                "$metadata(1)",
            ),
            (
                "Users/$Count",
                S,
                "there is no segment `$Count`; did you mean `$count`?",
                "$Count",
            ),
        ],
    );
}

#[test]
fn the_caret_stands_under_the_place() {
    let problem = parse_query("$filter=Login%20eq%20'x", &Limits::default()).unwrap_err();
    assert_eq!(problem.caret().unwrap(), "Login eq 'x\n         ^");
    assert_eq!(problem.source().unwrap().name, "$filter");
}
