//! Long requests, and those with aliases, are understood on a blocking thread: meanwhile the thread of
//! the connection answers others.

use std::sync::Arc;

use actix_web::web;
use tracing::Span;

use super::Site;
use super::slot::{self, Slots};
use crate::diag::{Code, Problem, Result};
use crate::service::{Prepared, RequestHead};

/// Bytes of path and query up to which a request is understood at once: it takes less time than the
/// way to another thread and back is worth.
const SHORT: usize = 4 * 1024;

/// Whether a request may take so long that it is understood aside: it is long itself, or becomes so
/// by aliases, which may be named over and over.
fn is_long(head: &RequestHead<'_>) -> bool {
    let has_aliases = head.query.contains('@') || head.query.contains("%40");
    has_aliases || head.path.len().saturating_add(head.query.len()) > SHORT
}

/// Parses and binds a read; one that may take long in one of the slots of reads.
///
/// # Errors
///
/// Every fault of the request that can be seen without rows; `ServiceUnavailable` where no slot
/// became free in time.
pub(super) async fn prepare(site: &Arc<Site>, head: &RequestHead<'_>) -> Result<Prepared> {
    if !is_long(head) {
        return site.backend.ready()?.service.prepare(head);
    }
    let slot = slot::take(site, Slots::Reads).await?;
    let (shared, span) = (Arc::clone(site), Span::current());
    let [path, query, root] = [head.path, head.query, head.root].map(str::to_owned);
    let [accept, transaction] = [head.accept, head.transaction].map(|text| text.map(str::to_owned));
    let (language, caller) = (head.language.clone(), head.caller.clone());
    let (odata_version, max_page_size) = (head.odata_version, head.max_page_size);
    let (preferences, now, head_only) = (head.preferences, head.now, head.head_only);
    let prepared = web::block(move || {
        let _slot = slot;
        let _entered = span.enter();
        shared.backend.ready()?.service.prepare(&RequestHead {
            path: &path,
            query: &query,
            root: &root,
            accept: accept.as_deref(),
            language: &language,
            odata_version,
            max_page_size,
            preferences,
            transaction: transaction.as_deref(),
            caller: &caller,
            now,
            head_only,
        })
    });
    prepared.await.unwrap_or_else(|_| {
        let message = "the request was not understood to its end";
        Err(Problem::new(Code::Internal, message))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::tests::harness::options;
    use crate::http::{Backend, Site};
    use crate::service::Caller;
    use crate::value::{Language, Timestamp};

    /// What a request of a length asks, where nobody has a database and no slot is free.
    fn refusal(length: usize) -> Problem {
        let mut options = options();
        (options.reads, options.busy_wait) = (0, std::time::Duration::ZERO);
        let site = Arc::new(Site::new(options, Backend::default(), String::new()).unwrap());
        let query = "x".repeat(length);
        let language = Language::default();
        let head = RequestHead {
            query: &query,
            root: "http://h/",
            ..RequestHead::at("", &language, Caller::system(), Timestamp::now())
        };
        let prepared = actix_web::rt::System::new().block_on(prepare(&site, &head));
        prepared.unwrap_err()
    }

    #[test]
    fn only_long_requests_wait_for_a_thread() {
        let at_once = refusal(SHORT);
        let aside = refusal(SHORT + 1);
        assert!(!at_once.message().contains("more to do"), "{at_once}");
        assert!(aside.message().contains("more to do"), "{aside}");
    }
}
