//! Expressions: every operator, literal, call and path.

use super::{check_expressions, parse_expression};
use crate::syntax::Limits;
use crate::syntax::ast::{Expr, Literal, Step};

/// What `text` is read as.
fn read(text: &str) -> Expr {
    parse_expression(text, &Limits::default()).unwrap().node
}

#[test]
fn operators_keep_their_precedence() {
    check_expressions(&[
        ("A eq 1", "A eq 1"),
        ("a or b and c", "a or b and c"),
        ("(a or b) and c", "(a or b) and c"),
        ("(a and b) or c", "a and b or c"),
        ("(a and b) and c", "(a and b) and c"),
        ("a and b and c", "a and b and c"),
        ("not a eq b", "not a eq b"),
        ("(not a) eq b", "not a eq b"),
        ("not (a eq b)", "not (a eq b)"),
        ("not(a eq b)", "not (a eq b)"),
        ("not a in (1)", "not a in (1)"),
        ("(not a) in (1)", "(not a) in (1)"),
        ("1 add 2 mul 3", "1 add 2 mul 3"),
        ("(1 add 2) mul 3", "(1 add 2) mul 3"),
        ("1 sub 2 sub 3", "1 sub 2 sub 3"),
        ("1 sub (2 sub 3)", "1 sub (2 sub 3)"),
        ("a lt b eq c gt d", "a lt b eq c gt d"),
        ("a eq (b lt c)", "a eq b lt c"),
        ("Rating divby 2 mod 5 div 1", "Rating divby 2 mod 5 div 1"),
        (
            "Kind has Ns.Kind'A,B' eq true",
            "Kind has Ns.Kind'A,B' eq true",
        ),
        ("((((A))))", "A"),
        ("-A", "-A"),
        ("- 5", "-(5)"),
        ("-(5)", "-(5)"),
        ("--5", "--5"),
        ("-5", "-5"),
        ("- INF", "-(INF)"),
        ("-INF", "-INF"),
        ("-INFO", "-INFO"),
    ]);
}

#[test]
fn chains_are_flat_and_parentheses_are_not() {
    let Expr::Logical { operands, .. } = read("a and b and (c and d)") else {
        panic!()
    };
    assert_eq!(operands.len(), 3);
}

#[test]
fn words_have_any_case_and_blanks_any_length() {
    check_expressions(&[
        ("A EQ 1 AND B Ne TRUE", "A eq 1 and B ne true"),
        ("NOT Contains( A ,\t'x' )", "not Contains(A,'x')"),
        ("A  in\t( 'a', 'b' )", "A in ('a','b')"),
        ("A in('a')", "A in ('a')"),
        ("( A eq 1 )", "A eq 1"),
        ("now( )", "now()"),
        ("Items/Any( x : x/A eq 1 )", "Items/any(x:x/A eq 1)"),
        (" A ", "A"),
    ]);
}

#[test]
fn literals_are_told_apart_by_their_form() {
    use Literal as L;
    let text = str::to_owned;
    let rows = [
        ("null", L::Null),
        ("tRUe", L::Boolean(true)),
        ("42", L::Integer(text("42"))),
        ("+42", L::Integer(text("+42"))),
        ("-42", L::Integer(text("-42"))),
        ("3.14", L::Decimal(text("3.14"))),
        ("-0.314e+1", L::Decimal(text("-0.314e+1"))),
        ("1e-101", L::Decimal(text("1e-101"))),
        ("INF", L::Decimal(text("INF"))),
        ("-INF", L::Decimal(text("-INF"))),
        ("NaN", L::Decimal(text("NaN"))),
        ("''", L::String(text(""))),
        ("'O''Neil'", L::String(text("O'Neil"))),
        ("''''", L::String(text("'"))),
        ("2012-09-03", L::Date(text("2012-09-03"))),
        ("-10000-04-01", L::Date(text("-10000-04-01"))),
        ("12345678-01-01", L::Date(text("12345678-01-01"))),
        ("11:22", L::TimeOfDay(text("11:22"))),
        ("11:22:33.4444444", L::TimeOfDay(text("11:22:33.4444444"))),
        (
            "2012-09-03T13:52Z",
            L::DateTimeOffset(text("2012-09-03T13:52Z")),
        ),
        (
            "1972-06-30T23:59:60Z",
            L::DateTimeOffset(text("1972-06-30T23:59:60Z")),
        ),
        (
            "2012-09-03T14:53:00.1+02:00",
            L::DateTimeOffset(text("2012-09-03T14:53:00.1+02:00")),
        ),
        // The `+` of a client that does not encode it.
        (
            "2012-09-03T14:53 02:00",
            L::DateTimeOffset(text("2012-09-03T14:53+02:00")),
        ),
        (
            "duration'-P6DT23H59M59.9S'",
            L::Duration(text("-P6DT23H59M59.9S")),
        ),
        ("binary'Zg=='", L::Binary(text("Zg=="))),
        ("binary''", L::Binary(text(""))),
        (
            "geography'SRID=0;Point(1 2)'",
            L::Geo(text("geography'SRID=0;Point(1 2)'")),
        ),
    ];
    for (written, literal) in rows {
        assert_eq!(read(written), Expr::Literal(literal), "{written}");
    }
}

#[test]
fn guids_begin_with_a_digit_or_a_letter() {
    for guid in [
        "01234567-89ab-cdef-0123-456789abcdef",
        "A1234567-89ab-cdef-0123-456789abcdef",
    ] {
        let Expr::Literal(Literal::Guid(read)) = read(guid) else {
            panic!("{guid}")
        };
        assert_eq!(read.to_string(), guid.to_lowercase());
    }
}

#[test]
fn names_may_look_like_words() {
    check_expressions(&[
        ("eq eq ne", "eq eq ne"),
        ("nullable eq trueish", "nullable eq trueish"),
        ("Име eq 'Аня'", "Име eq 'Аня'"),
        ("_a/b_1", "_a/b_1"),
        ("Notes ne null", "Notes ne null"),
        ("index in (1)", "index in (1)"),
    ]);
}

#[test]
fn calls_take_positions_or_names() {
    check_expressions(&[
        ("equalnull(A,1)", "equalnull(A,1)"),
        ("concat(concat(A, '-'), B)", "concat(concat(A,'-'),B)"),
        ("cast(A,Edm.Int64) eq 1", "cast(A,Edm.Int64) eq 1"),
        ("isof(Ns.T)", "isof(Ns.T)"),
        (
            "cast(A,Collection(Edm.String))",
            "cast(A,Collection(Edm.String))",
        ),
        ("geo.distance(A,B) lt 1", "geo.distance(A,B) lt 1"),
        ("Ns.F(a=1,b=@p,c=[1,2])", "Ns.F(a=1,b=@p,c=[1,2])"),
        ("F(a = 1)", "F(a=1)"),
        (
            "case(X gt 0:1,X lt 0:-1,true:0)",
            "case(X gt 0 :1,X lt 0 :-1,true:0)",
        ),
        ("case( X gt 0 : 1 , true : 0)", "case(X gt 0 :1,true:0)"),
        ("case(X gt 10:20)", "case(X gt 10 :20)"),
        ("case(T gt 10:20:30)", "case(T gt 10:20 :30)"),
        ("case(T gt 10:20:30:40)", "case(T gt 10:20:30 :40)"),
        (
            "case(10:00 lt T and A:11:00)",
            "case(10:00 lt T and A:11:00)",
        ),
        ("case(A eq (10:20):1)", "case(A eq 10:20 :1)"),
    ]);
}

#[test]
fn paths_go_through_everything() {
    check_expressions(&[
        ("A/B/Ns.Cast/C", "A/B/Ns.Cast/C"),
        ("$it", "$it"),
        ("$it/A eq $this/B", "$it/A eq $this/B"),
        ("$root/People('a')/Name", "$root/People('a')/Name"),
        ("$root/Best()/City", "$root/Best()/City"),
        ("Items(1)/Name", "Items(1)/Name"),
        ("Items/Ns.F(a=1)/Name", "Items/Ns.F(a=1)/Name"),
        ("Ns.F(a=1)/Name", "Ns.F(a=1)/Name"),
        ("Items/$count gt 0", "Items/$count gt 0"),
        (
            "Items/$count(filter=A gt 5.00;$search=x) gt 2",
            "Items/$count($filter=A gt 5.00;$search=x) gt 2",
        ),
        (
            "Items/$filter(A gt 3)/$count",
            "Items/$filter(A gt 3)/$count",
        ),
        (
            "Items/$filter(A gt 3)(ID='x')",
            "Items/$filter(A gt 3)(ID='x')",
        ),
        ("Items/any()", "Items/any()"),
        ("Items/any( )", "Items/any()"),
        ("Items/all(x:x/A and x/B)", "Items/all(x:x/A and x/B)"),
        (
            "Items/any(x:x/Parts/any(y:y/Id eq x/Id))",
            "Items/any(x:x/Parts/any(y:y/Id eq x/Id))",
        ),
        (
            "Price/@Measures.Currency eq 'EUR'",
            "Price/@Measures.Currency eq 'EUR'",
        ),
        ("Price/@Currency#Q", "Price/@Currency#Q"),
        ("@Core.Messages/any(m:m/A)", "@Core.Messages/any(m:m/A)"),
        ("@p", "@p"),
        ("@p/Name", "@p/Name"),
    ]);
}

#[test]
fn a_count_segment_keeps_its_options() {
    let Expr::Path(path) = read("Items/$count($filter=A)") else {
        panic!()
    };
    let Some(Step::Count(Some(options))) = path.steps.last().map(|step| &step.node) else {
        panic!()
    };
    let filter = options.filter.as_ref().unwrap();
    assert_eq!(filter.value.span.of(&filter.text), "A");
}

#[test]
fn lists_are_json_where_they_can_be() {
    check_expressions(&[
        ("A in [\"x\", 1]", "A in [\"x\",1]"),
        ("A in [\"x\", 'y']", "A in ('x','y')"),
        ("A in []", "A in []"),
        ("A in ()", "A in ()"),
        ("A in ( )", "A in ()"),
        ("A in @p", "A in @p"),
        ("A in (@p)", "A in @p"),
        ("A in (Names)", "A in Names"),
        ("A in [Names]", "A in [Names]"),
        ("A in (1,B)", "A in (1,B)"),
        ("[A,B] in [[\"x\",\"y\"]]", "[A,B] in [[\"x\",\"y\"]]"),
        ("{}", "{}"),
        (
            "{\"a\" : [1,2.5,null,true,{}]}",
            "{\"a\":[1,2.5,null,true,{}]}",
        ),
        (
            "{\"a\":B/C,\"s\":\"t\",\"l\":[1,2 add 3]}",
            "{\"a\":B/C,\"s\":'t',\"l\":[1,2 add 3]}",
        ),
        ("[\"\\u0041\\\"\"]", "[\"A\\\"\"]"),
        // More digits than a double holds.
        ("[0.1234567890123456789]", "[0.1234567890123456789]"),
        ("[99999999999999999999]", "[99999999999999999999]"),
    ]);
}

#[test]
fn a_span_is_the_text_of_its_node() {
    let text = "A eq 1 and not (B lt 2)";
    let Expr::Logical { operands, .. } = read(text) else {
        panic!()
    };
    let spans: Vec<_> = operands.iter().map(|node| node.span.of(text)).collect();
    assert_eq!(spans, ["A eq 1", "not (B lt 2)"]);
}
