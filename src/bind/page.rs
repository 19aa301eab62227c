//! `$top`, `$skip`, `$skiptoken` and the page size of the server.

use crate::diag::{At, Code, Problem, Result};
use crate::plan::{Context, Page, Query, Shape, SkipToken, Term, TopMeaning};
use crate::syntax::ast::{QueryOptions, Request};
use crate::syntax::{print_options_without, print_path};
use crate::value::Value;

use super::scope::Setting;

/// Cuts a query to one page, and says how the next one is reached.
///
/// `request` is the canonical text of the request without its paging options.
pub(super) fn cut(
    context: &Context,
    options: &QueryOptions,
    query: &mut Query,
    request: String,
) -> Result<Option<Page>> {
    refuse_skip(options)?;
    let top = options.top.as_ref().map(|opt| opt.value.node);
    let token = match &options.skiptoken {
        Some(opt) => Some(
            open(context, &opt.value, query, &request)
                .map_err(|p| p.within("$skiptoken", &opt.text))?,
        ),
        None => None,
    };
    query.skip = options.skip.as_ref().map_or(0, |opt| opt.value.node);
    let wanted = match (context.top, &token) {
        (TopMeaning::Total, Some(token)) => token.remaining,
        (TopMeaning::Total, None) => top,
        (TopMeaning::PageSize, _) => top.filter(|top| *top == 0),
    };
    let (after, walk) = token.map_or((None, None), |token| (Some(token.after), token.walk));
    query.after = after;
    if !context.server_paging {
        query.take = wanted;
        return Ok(None);
    }
    let size = size(context, top, wanted);
    // One row more shows that there is a next page; not needed where the last row is known.
    query.take = Some(match wanted {
        Some(rows) if rows <= size => rows,
        Some(_) | None => size.saturating_add(1),
    });
    Ok(Some(Page {
        size,
        remaining: wanted,
        request,
        walk,
    }))
}

/// Refuses `$skip` in a next link: the token stands behind the rows that were skipped, and links lack
/// the option.
fn refuse_skip(options: &QueryOptions) -> Result<()> {
    let (Some(_), Some(skip)) = (&options.skiptoken, &options.skip) else {
        return Ok(());
    };
    let message = "`$skip` does not stand beside `$skiptoken`";
    let problem = Problem::new(Code::InvalidOption, message).about("$skip");
    let problem = problem.at(skip.value.span).within("$skip", &skip.text);
    Err(problem.help("follow next links as they are, or start the query again"))
}

/// Cuts the rows of all sets to one page. A token says which set goes on, and behind which key, if it
/// was begun.
pub(super) fn cut_all(
    setting: Setting<'_>,
    options: &QueryOptions,
    parts: &mut Vec<(Query, Shape)>,
    request: &Request,
) -> Result<Page> {
    let context = setting.context;
    let top = options.top.as_ref().map(|opt| opt.value.node);
    let mut text = print_path(&request.path);
    text.push('?');
    text.push_str(&print_options_without(&request.options, PAGING));
    let token = match &options.skiptoken {
        Some(opt) => {
            let opened = SkipToken::open(&opt.value.node, &context.token_key, &text)
                .and_then(|token| go_on(setting, &token, parts).map(|()| token));
            let opened = opened.ok_or_else(|| foreign(&opt.value));
            Some(opened.map_err(|p| p.within("$skiptoken", &opt.text))?)
        }
        None => None,
    };
    let wanted = match (context.top, &token) {
        (TopMeaning::Total, Some(token)) => token.remaining,
        (TopMeaning::Total, None) => top,
        (TopMeaning::PageSize, _) => top.filter(|top| *top == 0),
    };
    let size = size(context, top, wanted);
    // One row more shows that there is a next page.
    for (query, _) in parts {
        query.take = Some(size.saturating_add(1));
    }
    Ok(Page {
        size,
        remaining: wanted,
        request: text,
        walk: None,
    })
}

/// Leaves out the sets that a token is behind; nothing where it is none of these sets.
fn go_on(setting: Setting<'_>, token: &SkipToken, parts: &mut Vec<(Query, Shape)>) -> Option<()> {
    let (set, key) = match token.after.as_slice() {
        [Value::Text(set)] => (set, None),
        [Value::Text(set), key @ Value::Guid(_)] => (set, Some(key.clone())),
        _ => return None,
    };
    let is = |(query, _): &(Query, Shape)| setting.entity(query.entity).set == *set;
    let number = parts.iter().position(is)?;
    parts.drain(..number);
    if let Some((query, _)) = parts.first_mut() {
        query.after = key.map(|key| vec![key]);
    }
    Some(())
}

/// The one page of an answer to a delta link. The link has everything that it needs: no option that
/// cuts or counts rows stands beside it.
pub(super) fn delta(context: &Context, options: &QueryOptions, request: String) -> Result<Page> {
    let beside = [
        options.top.as_ref().map(|_| "$top"),
        options.skip.as_ref().map(|_| "$skip"),
        options.skiptoken.as_ref().map(|_| "$skiptoken"),
        options.count.as_ref().map(|_| "$count"),
    ];
    if let Some(name) = beside.into_iter().flatten().next() {
        let message = format!("`{name}` does not stand beside `$deltatoken`");
        let problem = Problem::new(Code::InvalidOption, message).about(name);
        return Err(problem.help("follow delta links as they are"));
    }
    Ok(Page {
        size: context.limits.max_top,
        remaining: None,
        request,
        walk: None,
    })
}

/// Rows of this page at most.
fn size(context: &Context, top: Option<u64>, wanted: Option<u64>) -> u64 {
    let own = context.limits.max_top;
    // A page without rows could never end: a preference of 0 says nothing.
    let preferred = context.max_page_size.filter(|size| *size > 0);
    let asked = match context.top {
        TopMeaning::Total => wanted,
        TopMeaning::PageSize => top,
    };
    [preferred, asked].into_iter().flatten().fold(own, u64::min)
}

/// Opens a token that was made for this very request.
fn open(context: &Context, token: &At<String>, query: &Query, request: &str) -> Result<SkipToken> {
    SkipToken::open(&token.node, &context.token_key, request)
        .filter(|opened| opened.after.len() == query.order.len())
        .ok_or_else(|| foreign(token))
}

/// The token is of another query.
fn foreign(token: &At<String>) -> Problem {
    Problem::new(
        Code::InvalidSkipToken,
        "the skip token was not made by this service for this query",
    )
    .about("$skiptoken")
    .at(token.span)
    .help("follow next links as they are, or start the query again")
}

/// The options that say how a query is paged and shown, and not which rows it has.
const PAGING: &[&str] = &[
    "$top",
    "$skip",
    "$skiptoken",
    "$deltatoken",
    "$count",
    "$format",
];

/// The canonical text of a request without its paging options, to which tokens are bound.
pub(super) fn canonical(request: &Request, query: &Query) -> String {
    let mut text = print_path(&request.path);
    text.push('?');
    text.push_str(&print_options_without(&request.options, PAGING));
    for key in &query.order {
        // The order of texts in several languages follows the language of the request.
        if let Term::LanguageOrFirst { key, .. } = &key.term {
            text.push('#');
            text.push_str(key);
        }
    }
    text
}
