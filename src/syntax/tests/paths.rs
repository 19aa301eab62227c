//! Resource paths.

use super::{check_requests, parse_request};
use crate::syntax::ast::{Name, Parens, Segment};
use crate::syntax::{Limits, parse_path};

/// The segments of a path.
fn segments(raw: &str) -> Vec<Segment> {
    let (_, path) = parse_path(raw, &Limits::default()).unwrap();
    path.segments
        .into_iter()
        .map(|segment| segment.node)
        .collect()
}

#[test]
fn every_address_is_read() {
    check_requests(&[
        ("", ""),
        ("/", ""),
        ("?", ""),
        ("/Users/", "Users"),
        ("Users?", "Users"),
        ("Users(11)", "Users(11)"),
        ("Users(Id=1,Size=5)", "Users(Id=1,Size=5)"),
        ("Users(@key)?@key=1", "Users(@key)?@key=1"),
        ("Users(Id=@key)", "Users(Id=@key)"),
        ("Users('O''Neil')", "Users('O''Neil')"),
        ("Users(%27O%27%27Neil%27)", "Users('O''Neil')"),
        ("Users%28%27a%27%29", "Users('a')"),
        ("Users('a%2Fb')", "Users('a%2Fb')"),
        ("Users('a%20)b(')", "Users('a%20)b(')"),
        ("Users('a+b')", "Users('a%2Bb')"),
        (
            "Users(01234567-89ab-cdef-0123-456789abcdef)",
            "Users(01234567-89ab-cdef-0123-456789abcdef)",
        ),
        (
            "Users(2018-02-13T23%3A59%3A59Z)",
            "Users(2018-02-13T23:59:59Z)",
        ),
        ("Users(23:59:59)", "Users(23:59:59)"),
        (
            "Users(duration'P1D')/Name/EN/$value",
            "Users(duration'P1D')/Name/EN/$value",
        ),
        (
            "Users(1)/Erp.Internal/Person",
            "Users(1)/Erp.Internal/Person",
        ),
        (
            "Users/$count?$filter=A gt 5.00",
            "Users/$count?$filter=A%20gt%205.00",
        ),
        (
            "Users(1)/Groups/$ref?$id=Groups(0)",
            "Users(1)/Groups/$ref?$id=Groups(0)",
        ),
        ("Users/1/Groups/O'Neil", "Users/1/Groups/O'Neil"),
        ("Users/a%2Fb", "Users/a%2Fb"),
        (
            "Users/$filter(@a)/$filter(P/Q lt 5)/$each/Ns.Do",
            "Users/$filter(@a)/$filter(P%2FQ%20lt%205)/$each/Ns.Do",
        ),
        ("Users/$filter(A)(ID='x')", "Users/$filter(A)(ID='x')"),
        ("F(a=2)(2)/Name", "F(a=2)(2)/Name"),
        ("Users/Ns.F( a = 1 , b = 'x' )", "Users/Ns.F(a=1,b='x')"),
        ("Users/Ns.F()/$count", "Users/Ns.F()/$count"),
        (
            "Users(1)/Ns.F(p={\"a\":1},q=[1])",
            "Users(1)/Ns.F(p=%7B%22a%22:1%7D,q=%5B1%5D)",
        ),
        ("Users/Tags/-1", "Users/Tags/-1"),
        ("$metadata?$format=json", "$metadata?$format=json"),
        ("$batch", "$batch"),
        (
            "$entity/Ns.User?$id=http://h/U('A')&$select=B",
            "$entity/Ns.User?$select=B&$id=http://h/U('A')",
        ),
        ("$all/Ns.User", "$all/Ns.User"),
        ("$crossjoin(A, B)/$query", "$crossjoin(A,B)/$query"),
        ("$1/Groups", "$1/Groups"),
        ("$0.0", "$0.0"),
    ]);
}

#[test]
fn keys_are_segments_only_when_they_are_no_names() {
    let name = |name: &str| Name {
        namespace: String::new(),
        name: name.to_owned(),
    };
    assert_eq!(
        segments("Users/ann/7"),
        [
            Segment::Name {
                name: name("Users"),
                parens: None
            },
            Segment::Name {
                name: name("ann"),
                parens: None
            },
            Segment::Text("7".to_owned()),
        ]
    );
    let [_, Segment::Key(Parens::Key(_))] = segments("F(a=1)(2)")[..] else {
        panic!()
    };
}

#[test]
fn a_plus_is_a_plus_in_the_path_and_a_blank_in_the_query() {
    let request =
        parse_request("Users('a+b')", "$filter=A+eq+'c%2Bd'", &Limits::default()).unwrap();
    assert_eq!(request.path_text, "Users('a+b')");
    assert_eq!(&*request.options.filter.unwrap().text, "A eq 'c+d'");
}
