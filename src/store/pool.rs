//! Pools that open connections when they are first needed, so that a database that is down at the
//! start, or goes away later, only fails the requests of that time.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{
    ConnectionManager, CustomizeConnection, Error as ManagerError, Pool, PooledConnection,
    R2D2Connection,
};

use super::driver::Driver;
use super::{cache, failure};
use crate::diag::Result;

/// A connection on loan from its pool.
pub(in crate::store) type Loan<C> = PooledConnection<ConnectionManager<C>>;

/// A pool that has no connection yet. `ping`: each loan is tried first, which costs as much as a
/// small read; without, a broken connection is found when its first statement fails.
pub(in crate::store) fn lazy<C>(
    address: String,
    size: u32,
    wait: Duration,
    ping: bool,
    setup: Box<dyn CustomizeConnection<C, ManagerError>>,
) -> Pool<ConnectionManager<C>>
where
    C: R2D2Connection + Send + 'static,
{
    super::sqlite_deadline::install();
    Pool::builder()
        .max_size(size.max(1))
        .min_idle(Some(0))
        .idle_timeout(None)
        .max_lifetime(None)
        .connection_timeout(wait)
        .test_on_check_out(ping)
        .connection_customizer(setup)
        .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
        .build_unchecked(ConnectionManager::new(address))
}

/// Takes a connection from a pool, waiting briefly.
pub(in crate::store) fn take<C>(pool: &Pool<ConnectionManager<C>>) -> Result<Loan<C>>
where
    C: Driver + R2D2Connection + Send + 'static,
{
    let mut loan = pool.get().map_err(|e| {
        if pool.state().connections > 0 {
            failure::busy().log(e.to_string())
        } else {
            failure::unconnected(&e.to_string())
        }
    })?;
    if cache::trim(&mut *loan) {
        loan.batch_execute(C::FORGET)
            .map_err(|e| failure::problem(&e, false))?;
    }
    Ok(loan)
}
