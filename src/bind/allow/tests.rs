use super::*;
use crate::syntax::{Limits, parse_query};

/// One of each option that a request may give.
const OPTIONS: &[(&str, &str)] = &[
    ("$filter", "Active"),
    ("$orderby", "Login"),
    ("$select", "Login"),
    ("$expand", "Groups"),
    ("$search", "ann"),
    ("$compute", "Login as L"),
    ("$apply", "aggregate($count as N)"),
    ("$top", "1"),
    ("$skip", "1"),
    ("$count", "true"),
    ("$skiptoken", "x"),
    ("$deltatoken", "x"),
    ("$format", "json"),
    ("$index", "1"),
    ("$schemaversion", "*"),
    ("$id", "x"),
    ("expandgroup", "Domain"),
];

/// Address × option, as the documentation shows it: `+` applies, `-` is refused, `?` is not
/// offered yet. The columns are those of [`OPTIONS`].
const MATRIX: &[(Target, &str)] = &[
    (Target::Document, "------?-----+-+--"),
    (Target::Rows(Kind::Collection), "+++++++++++++-+-+"),
    (Target::Rows(Kind::Entity), "--++-+?-----+-+--"),
    (Target::Rows(Kind::Property), "------?-----+-+--"),
    (Target::Rows(Kind::RawValue), "------?-----+-+--"),
    (Target::Rows(Kind::Count), "+---+-+-----+-+--"),
    (Target::Rows(Kind::EntityLink), "------?-----+-+--"),
    (Target::Rows(Kind::CollectionLinks), "++--+-?++++-+-+--"),
    (Target::Result, "------?-----+-+--"),
    (Target::Results, "------?+++--+-+--"),
    (Target::ExpandedEntity, "--++-+?----------"),
    (Target::ExpandedCollection, "++++++?+++-------"),
    (Target::ExpandedGroup, "--++-+?----------"),
    (Target::ExpandedLink, "------?----------"),
    (Target::ExpandedLinks, "++--+-?+++-------"),
    (Target::ExpandedCount, "+---+-?----------"),
];

#[test]
fn each_option_applies_where_the_matrix_says() {
    for (target, row) in MATRIX {
        assert_eq!(row.len(), OPTIONS.len(), "{target:?}");
        for ((name, value), cell) in OPTIONS.iter().zip(row.chars()) {
            let options = parse_query(&format!("{name}={value}"), &Limits::default()).unwrap();
            let code = check(*target, &options).err().map(|p| p.code());
            let expected = match cell {
                '+' => None,
                '?' => Some(Code::NotSupported),
                _ => Some(Code::InvalidOption),
            };
            assert_eq!(code, expected, "{target:?} {name}");
        }
    }
}

#[test]
fn an_option_that_does_not_apply_is_shown_whole() {
    let options = parse_query("$top=5&$orderby=Login", &Limits::default()).unwrap();
    let problem = check(Target::Rows(Kind::Entity), &options).unwrap_err();
    assert_eq!(problem.message(), "`$orderby` does not apply here");
    assert_eq!(
        problem.helps(),
        ["what applies: $select, $expand, $compute, $format, $schemaversion"]
    );
    assert_eq!(problem.caret().as_deref(), Some("Login\n^^^^^"));
    let [detail] = problem.details() else {
        panic!("{problem:?}")
    };
    assert_eq!(detail.message(), "`$top` does not apply here");
}
