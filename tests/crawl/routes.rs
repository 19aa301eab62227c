//! .
use crate::crawl::Walk;
pub(crate) fn ask(_: &mut Walk<'_>, _: &userdex::http::Address) {}
