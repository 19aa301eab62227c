//! What every statement here is to Diesel.

/// Makes a node a query without a static id.
///
/// The text of a node depends on its plan. With a static id Diesel would keep the statement by Rust
/// type, and run the first plan's text for every other one.
macro_rules! statements {
    ($($node:ident),*) => {
        $(
            impl diesel::query_builder::QueryId for $node<'_> {
                type QueryId = ();
                const HAS_STATIC_QUERY_ID: bool = false;
            }

            impl diesel::query_builder::Query for $node<'_> {
                type SqlType = diesel::sql_types::Untyped;
            }

            impl std::fmt::Debug for $node<'_> {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.debug_struct(stringify!($node)).finish_non_exhaustive()
                }
            }
        )*
    };
}

pub(in crate::sql) use statements;
