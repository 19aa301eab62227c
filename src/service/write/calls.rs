//! What is seen to before calls are made: whether their caller may, and what they order.

use uuid::Uuid;

use super::prepare::Prepared;
use super::work::Work;
use super::{Progress, Refusal, WriteRequest};
use crate::diag::{Code, Problem, Result};
use crate::methods::Made;
use crate::service::Service;
use crate::service::tokens::Minted;
use crate::store::Writer;

impl Service {
    /// Sees that there are keys for what calls order: making the first ones is a change of its own,
    /// which inside the transaction would wait for that very transaction.
    /// Proofs that calls bring are checked here as well: a wrong one is counted, whatever becomes of
    /// the transaction.
    pub(super) fn ready_calls(
        &self,
        requests: &[WriteRequest],
        prepared: &[Prepared],
    ) -> Result<(), Refusal> {
        for (number, (request, prepared)) in requests.iter().zip(prepared).enumerate() {
            let refused = |problem| Refusal {
                request: number,
                problem,
            };
            let Work::Call { call, .. } = &prepared.work else {
                continue;
            };
            let Some(order) = call.order() else {
                continue;
            };
            self.ring().map_err(refused)?;
            if order.is_of_factor() {
                check_alone(requests).map_err(refused)?;
                self.check_proof(request, order).map_err(refused)?;
            }
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

/// Sees that a call comes by itself: what it changes is vouched for, and must be its own change only.
fn check_alone(requests: &[WriteRequest]) -> Result<()> {
    if requests.len() == 1 {
        return Ok(());
    }
    let message = "a call about the second factor shares its change set with nothing else";
    Err(Problem::new(Code::InvalidBatch, message).help("send it as a request of its own"))
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
    made.flat_map(|minted| match &minted.made {
        Made::Token(token) => vec![token.id],
        Made::ClientSecret(_) => Vec::new(),
        Made::Factor(factor) => {
            let made = factor.made.iter().map(|secret| secret.id);
            made.chain(factor.gone.iter().copied())
                .chain([factor.user])
                .collect()
        }
    })
    .collect()
}
