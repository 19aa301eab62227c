//! A bound on the statements that a connection keeps prepared.
//!
//! Diesel keeps every statement whose text it sees: 5,000 shapes took 104 MB per connection. So a
//! connection counts what it keeps and, when it has [`LIMIT`], forgets all and starts again. The
//! hot shapes are back after one preparation each (about 10 µs).

use diesel::connection::{CacheSize, Connection, Instrumentation, InstrumentationEvent};

/// Statements that one connection keeps, at most.
const LIMIT: usize = 128;

/// Counts the statements that a connection keeps.
#[derive(Debug, Default)]
struct Kept(usize);

impl Instrumentation for Kept {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::CacheQuery { .. } = event {
            self.0 = self.0.saturating_add(1);
        }
    }
}

/// Starts counting on a new connection.
pub(in crate::store) fn watch<C: Connection>(connection: &mut C) {
    connection.set_instrumentation(Kept::default());
}

/// Forgets the statements of a connection when it keeps too many; answers whether it did.
pub(in crate::store) fn trim<C: Connection>(connection: &mut C) -> bool {
    let kept = connection.instrumentation().as_any().downcast_ref::<Kept>();
    if kept.is_none_or(|kept| kept.0 < LIMIT) {
        return false;
    }
    connection.set_prepared_statement_cache_size(CacheSize::Disabled);
    connection.set_prepared_statement_cache_size(CacheSize::Unbounded);
    watch(connection);
    true
}
