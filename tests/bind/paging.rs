//! Pages, tokens and limits.

use crate::draw;
use userdex::diag::Code;
use userdex::model::Model;
use userdex::plan::{ReadPlan, SkipToken, TopMeaning};
use userdex::value::Value;
use uuid::Uuid;

/// Take, page size, rows still wanted.
fn cut(read: &ReadPlan) -> (Option<u64>, Option<u64>, Option<u64>) {
    let page = read.page.as_ref();
    (
        read.query.take,
        page.map(|page| page.size),
        page.and_then(|page| page.remaining),
    )
}

#[test]
fn what_top_means_decides_the_page() {
    let model = Model::shipped().unwrap();
    let (total, page) = (TopMeaning::Total, TopMeaning::PageSize);
    // Meaning of `$top`, `$top`, preferred page size; take, page size, rows still wanted.
    for (meaning, top, preferred, expected) in [
        (total, None, None, (Some(1001), Some(1000), None)),
        (total, Some(10), None, (Some(10), Some(10), Some(10))),
        (total, Some(10), Some(4), (Some(5), Some(4), Some(10))),
        (
            total,
            Some(5000),
            None,
            (Some(1001), Some(1000), Some(5000)),
        ),
        (total, Some(0), None, (Some(0), Some(0), Some(0))),
        (total, None, Some(0), (Some(1001), Some(1000), None)),
        (page, None, None, (Some(1001), Some(1000), None)),
        (page, Some(10), None, (Some(11), Some(10), None)),
        (page, Some(5000), None, (Some(1001), Some(1000), None)),
        (page, Some(0), None, (Some(0), Some(0), Some(0))),
    ] {
        let mut context = draw::context();
        (context.top, context.max_page_size) = (meaning, preferred);
        let top: Option<u64> = top;
        let query = top.map_or(String::new(), |top| format!("?$top={top}"));
        let address = format!("{}{query}", draw::USERS);
        let read = draw::read(&model, &address, &context).unwrap();
        assert_eq!(cut(&read), expected, "{meaning:?} {address} {preferred:?}");
    }
}

#[test]
fn exports_are_not_paged() {
    let model = Model::shipped().unwrap();
    let mut context = draw::context();
    context.server_paging = false;
    for (query, take) in [("", None), ("?$top=5000", Some(5000))] {
        let read = draw::read(&model, &format!("{}{query}", draw::USERS), &context).unwrap();
        assert_eq!(cut(&read), (take, None, None), "{query}");
    }
}

#[test]
fn a_token_opens_for_its_query_only() {
    let model = Model::shipped().unwrap();
    let context = draw::context();
    let first = "Systems_Security_Users?$orderby=Login&$top=1500&$skip=2";
    let read = draw::read(&model, first, &context).unwrap();
    let request = read.page.unwrap().request;
    let after = vec![
        Value::Text("ann".into()),
        Value::Text("Ann".into()),
        Value::Guid(Uuid::from_u128(1)),
    ];
    let token = SkipToken {
        after: after.clone(),
        remaining: Some(500),
        walk: None,
    };
    let text = token.seal(&context.token_key, &request).unwrap();

    // Links lack what is behind them already; beside a token it is refused.
    let beside = format!("{first}&$skiptoken={text}");
    let problem = draw::plan(&model, &beside, &context).unwrap_err();
    assert_eq!(problem.code(), Code::InvalidOption);
    let next = beside.replace("&$skip=2", "");
    let read = draw::read(&model, &next, &context).unwrap();
    assert_eq!(read.query.after, Some(after));
    assert_eq!(read.query.skip, 0);
    assert_eq!(cut(&read), (Some(500), Some(500), Some(500)));

    for other in [
        format!("Systems_Security_Users?$orderby=Email&$skiptoken={text}"),
        format!("Systems_Security_Users?$skiptoken={text}"),
        format!("Systems_Security_Users?$orderby=Login&$filter=Active&$skiptoken={text}"),
        format!("Systems_Security_Groups?$skiptoken={text}"),
        next.replace("$skiptoken=", "$skiptoken=A"),
    ] {
        let problem = draw::plan(&model, &other, &context).unwrap_err();
        assert_eq!(problem.code(), Code::InvalidSkipToken, "{other}");
    }
}

#[test]
fn limits_hold_at_the_limit_and_not_one_past_it() {
    let model = Model::shipped().unwrap();
    let mut context = draw::context();
    context.limits.filter_nodes = 3;
    context.limits.list_items = 3;
    for (filter, fits) in [
        ("Active or IsAdmin or EmailConfirmed", true),
        (
            "Active or IsAdmin or EmailConfirmed or TwoFactorEnabled",
            false,
        ),
        (
            "Login eq 'a' or Login eq 'b' or Login eq 'c' or Login eq 'd'",
            true,
        ),
        ("Login in ('a','b','c')", true),
        ("Login in ('a','b','c','d')", false),
    ] {
        let address = format!("{}?$filter={filter}", draw::USERS);
        let code = draw::plan(&model, &address, &context)
            .err()
            .map(|p| p.code());
        assert_eq!(code, (!fits).then_some(Code::LimitExceeded), "{filter}");
    }
}

#[test]
fn what_is_expanded_is_counted_over_all_levels() {
    let model = Model::shipped().unwrap();
    for (depth, fits) in [(3, true), (5, false)] {
        let mut context = draw::context();
        context.limits.expand_depth = depth;
        let address = format!("{}?$expand=*($levels=max)", draw::USERS);
        let problem = draw::plan(&model, &address, &context).err();
        let code = problem.map(|problem| problem.code());
        assert_eq!(code, (!fits).then_some(Code::LimitExceeded), "{depth}");
    }
}
