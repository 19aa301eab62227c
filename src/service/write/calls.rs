//! What is seen to before calls are made: whether their caller may, and what they order.

use uuid::Uuid;

use super::prepare::Prepared;
use super::work::Work;
use super::{Progress, WriteRequest};
use crate::diag::{Code, Problem, Result};
use crate::methods::Made;
use crate::service::Service;
use crate::service::tokens::Minted;
use crate::store::Writer;

impl Service {
    /// Sees that there are keys for what calls order: making the first ones is a change of its own,
    /// which inside the transaction would wait for that very transaction.
    pub(super) fn ready_keys(&self, prepared: &[Prepared]) -> Result<()> {
        let orders = |prepared: &Prepared| match &prepared.work {
            Work::Call { call, .. } => call.order().is_some(),
            Work::Create(_)
            | Work::CreateChild { .. }
            | Work::Change { .. }
            | Work::Attribute { .. }
            | Work::Delete(_)
            | Work::Copy(_)
            | Work::Frame(_)
            | Work::Link { .. }
            | Work::LinkChild { .. }
            | Work::UnlinkChild { .. } => false,
        };
        if prepared.iter().any(orders) {
            self.ring()?;
        }
        Ok(())
    }

    /// What the calls among some requests order, each for itself. `located` are their objects.
    pub(super) fn mint_all(
        &self,
        requests: &[WriteRequest],
        prepared: &[Prepared],
        located: &[Option<Uuid>],
        writer: &mut Writer,
        progress: &Progress,
    ) -> Result<Vec<Option<Minted>>> {
        let mut all = Vec::with_capacity(requests.len());
        let steps = requests.iter().zip(prepared).zip(located).enumerate();
        for (number, ((request, prepared), id)) in steps {
            progress.at(number);
            let (Work::Call { call, .. }, Some(id)) = (&prepared.work, id) else {
                all.push(None);
                continue;
            };
            if call.ends_sessions() {
                check_own(request, *id)?;
            }
            all.push(match call.order() {
                Some(order) => Some(self.mint(request, order, *id, writer)?),
                None => None,
            });
        }
        Ok(all)
    }
}

/// Sees that a caller ends sessions of their own, or is an administrator: nothing of the user
/// changes, so that rights of changes do not say so.
pub(super) fn check_own(request: &WriteRequest, user: Uuid) -> Result<()> {
    let caller = &request.caller;
    if caller.is_administrator() || caller.user() == Some(user) {
        return Ok(());
    }
    let message = "only administrators end the sessions of others";
    Err(Problem::new(Code::Forbidden, message))
}

/// The objects that calls make with rights of their own, which were seen to when they were ordered.
pub(super) fn vouched(minted: &[Option<Minted>]) -> Vec<Uuid> {
    let made = minted.iter().flatten();
    made.filter_map(|minted| match &minted.made {
        Made::Token(token) => Some(token.id),
        Made::ClientSecret(_) => None,
    })
    .collect()
}
