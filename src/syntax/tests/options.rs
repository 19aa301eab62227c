//! Query options.

use super::{check_queries, parse_query};
use crate::diag::Code;
use crate::syntax::Limits;
use crate::syntax::ast::SelectItem;

#[test]
fn names_have_any_case_and_need_no_dollar() {
    check_queries(&[
        ("$filter=A", "$filter=A"),
        ("filter=A", "$filter=A"),
        ("%24filter=A", "$filter=A"),
        ("$OrderBy=A%09ASC,B desc", "$orderby=A,B desc"),
        ("TOP=5&skip=10&count=TRUE", "$count=true&$skip=10&$top=5"),
        ("index=-42", "$index=-42"),
        (
            "$skiptoken=Start@Next:From?=Here!",
            "$skiptoken=Start@Next:From?=Here!",
        ),
        ("skiptoken=x&levels=2", "skiptoken=x&levels=2"),
        (
            "$format=application/json;odata.metadata=none",
            "$format=application/json;odata.metadata=none",
        ),
        (
            "$schemaversion=*&$deltatoken=d",
            "$deltatoken=d&$schemaversion=*",
        ),
        ("&&$top=1&", "$top=1"),
        (
            "$apply=groupby((A),aggregate($count as N))",
            "$apply=groupby((A),aggregate($count as N))",
        ),
    ]);
}

#[test]
fn other_names_are_custom_or_aliases() {
    check_queries(&[
        (
            "options=skipnulls&a%26b=c%3Dd&flag",
            "options=skipnulls&a&b=c=d&flag=",
        ),
        ("$filter=A eq @p&@p='x'", "$filter=A eq @p&@p='x'"),
        ("%40p=[\"a\",\"b\"]", "@p=[\"a\",\"b\"]"),
        ("@c={\"Name\":\"Value\"}", "@c={\"Name\":\"Value\"}"),
    ]);
}

#[test]
fn slips_are_no_custom_options() {
    for (query, option, near) in [
        ("?$filter=A eq 1", "?$filter", "did you mean `$filter`"),
        (" $filter=A eq 1", " $filter", "did you mean `$filter`"),
        ("+$filter=A eq 1", " $filter", "did you mean `$filter`"),
        ("a=1&%3Ftop=1", "?top", "did you mean `$top`"),
        (" filter=A eq 1", " filter", ""),
        ("filter =A eq 1", "filter ", ""),
        ("amp;$top=1", "amp;$top", ""),
        ("a$=1", "a$", ""),
        ("%C2%A0find", "\u{a0}find", ""),
    ] {
        let problem = parse_query(query, &Limits::default()).unwrap_err();
        assert_eq!(problem.code(), Code::InvalidOption, "{query}");
        assert_eq!(problem.target(), Some(option), "{query}");
        let help = problem.helps().join(" ");
        assert!(help.contains(near), "{query}: {help}");
    }
}

#[test]
fn select_names_paths_operations_and_options() {
    check_queries(&[
        ("$select=*", "$select=*"),
        (
            "$select=default, DisplayText",
            "$select=default,DisplayText",
        ),
        ("$select=Name/EN,Ns.T/A", "$select=Name/EN,Ns.T/A"),
        ("$select=Ns.Sub.*,Ns.Do", "$select=Ns.Sub.*,Ns.Do"),
        ("$select=Ns.F(A, B)", "$select=Ns.F(A,B)"),
        (
            "$select=A(select=B,C;$top=5;@c=15)",
            "$select=A($select=B,C;$top=5;@c=15)",
        ),
        (
            "$select=@Ns.Term,@Term(top=1),A/@Ns.Term",
            "$select=@Ns.Term,@Term($top=1),A/@Ns.Term",
        ),
        (
            "$select=E($filter=endswith($this,'.com'))",
            "$select=E($filter=endswith($this,'.com'))",
        ),
    ]);
}

#[test]
fn default_is_a_word_only_when_alone() {
    let options = parse_query("$select=default,default/A,defaults", &Limits::default()).unwrap();
    let items = options.select.unwrap().value;
    assert_eq!(items[0].node, SelectItem::Default);
    assert!(
        items[1..]
            .iter()
            .all(|item| matches!(item.node, SelectItem::Path { .. }))
    );
}

#[test]
fn expand_nests() {
    check_queries(&[
        ("$expand=A,B/$ref,C/$count", "$expand=A,B/$ref,C/$count"),
        (
            "$expand=*,*/$ref,*($levels=2),$value",
            "$expand=*,*/$ref,*($levels=2),$value",
        ),
        ("$expand=A/*/$ref,A/Ns.T/B", "$expand=A/*/$ref,A/Ns.T/B"),
        ("$expand=A($levels=MAX)", "$expand=A($levels=max)"),
        (
            "expand=A( select=B ; expand=C(filter=D eq 'x;)';top=1) ; count=true )",
            "$expand=A($select=B;$expand=C($filter=D eq 'x;)';$top=1);$count=true)",
        ),
        (
            "$expand=A/$count($search=(green blue))",
            "$expand=A/$count($search=green AND blue)",
        ),
        (
            "$expand=A/$ref($top=1;orderby=B desc)",
            "$expand=A/$ref($orderby=B desc;$top=1)",
        ),
        (
            "$expand=A($compute=B mul 2 as C;@m=$this)",
            "$expand=A($compute=B mul 2 as C;@m=$this)",
        ),
        (
            "$expand=A($search='gr(een')",
            "$expand=A($search=\"gr(een\")",
        ),
        ("$expand=@Ns.Term($top=2)", "$expand=@Ns.Term($top=2)"),
    ]);
}

#[test]
fn compute_names_its_results() {
    check_queries(&[
        (
            "$compute=A mul B/C as Tax, day(D) AS Day",
            "$compute=A mul B/C as Tax,day(D) as Day",
        ),
        ("$compute=@Ns.Term as T", "$compute=@Ns.Term as T"),
    ]);
}

#[test]
fn searches_join_words_and_phrases() {
    check_queries(&[
        ("$search=blue", "$search=blue"),
        (
            "$search=Daniel's 3.14 9,81 $x 08/15",
            "$search=Daniel's AND 3.14 AND 9,81 AND $x AND 08/15",
        ),
        (
            "$search=\"blue%20green\" red",
            "$search=\"blue green\" AND red",
        ),
        ("$search=a b OR c", "$search=a AND b OR c"),
        ("$search=a (b OR c)", "$search=a AND (b OR c)"),
        ("$search=a NOT b", "$search=a AND NOT b"),
        ("$search=NOT (a b)", "$search=NOT (a AND b)"),
        ("$search=not and or", "$search=not AND and AND or"),
        ("$search='\"blue'", "$search='\"blue'"),
        ("$search=%CE%94", "$search=Δ"),
    ]);
}
