//! What the binder has to know of a request beside its address.

use crate::value::{Language, Timestamp};

use super::TokenKey;

/// Everything outside the address that shapes a plan. The clock and the keys come in here, so that
/// binding is a pure function.
#[derive(Debug, Clone)]
pub struct Context {
    /// The language of the request.
    pub language: Language,
    /// The time of the request.
    pub now: Timestamp,
    /// Limits of the service.
    pub limits: QueryLimits,
    /// What `$top` means to this client (`docs/API-DESIGN.md`).
    pub top: TopMeaning,
    /// The page size the client prefers (`Prefer: odata.maxpagesize`).
    pub max_page_size: Option<u64>,
    /// Whether references that are neither selected nor expanded are in the output: only for
    /// clients that declare no OData version (`docs/API-DESIGN.md`).
    pub default_references: bool,
    /// Whether rows say which type they are of, where it is not that of their set: not in formats
    /// without control information.
    pub tells_types: bool,
    /// Only the vendor's literal operators: `eq ge le in`, the text functions, `and`.
    pub strict_filters: bool,
    /// The vendor's way with times: date-times in filters are cut to days.
    pub truncate_datetime: bool,
    /// Whether results are paged by the server: not for exports.
    pub server_paging: bool,
    /// The key of skip tokens.
    pub token_key: TokenKey,
    /// The version of the schema, where the request names one.
    pub schema_version: Option<String>,
}

impl Context {
    /// What a condition needs that comes from no request: record filters.
    pub fn bare(now: Timestamp) -> Self {
        Self {
            language: Language::default(),
            now,
            limits: QueryLimits::default(),
            top: TopMeaning::Total,
            max_page_size: None,
            default_references: false,
            tells_types: false,
            strict_filters: false,
            truncate_datetime: false,
            server_paging: false,
            // Nothing is paged, so nothing is sealed with it.
            token_key: TokenKey::new([0; 32]),
            schema_version: None,
        }
    }
}

/// What `$top` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopMeaning {
    /// OData: all rows that the client wants, over all pages.
    Total,
    /// The vendor: the size of a page; there is a next link whenever more rows exist.
    PageSize,
}

/// Limits of queries. Each has a setting of the same name.
#[derive(Debug, Clone, Copy)]
pub struct QueryLimits {
    /// Rows of a page at most; a larger `$top` is paged.
    pub max_top: u64,
    /// Values in one `in` list.
    pub list_items: usize,
    /// Conditions in one filter; a folded list counts as one.
    pub filter_nodes: usize,
    /// Levels of `$expand`, and of `any` and `all`.
    pub expand_depth: u16,
}

impl Default for QueryLimits {
    fn default() -> Self {
        Self {
            max_top: 1000,
            list_items: 1000,
            filter_nodes: 200,
            expand_depth: 3,
        }
    }
}
