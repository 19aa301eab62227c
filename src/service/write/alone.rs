//! Calls that are made in a transaction of their own, such as those that notify somebody.
//!
//! A request that stands alone is first rehearsed in the transaction of its request, so that what is
//! wrong with it is told there, and before anything is stored. It is made right after that
//! transaction, whatever has become of it: the database may have one writer only, so that the two
//! cannot run beside each other.

use super::apply::locate;
use super::lookup::{Seen, Transaction};
use super::prepare::Prepared;
use super::{Along, Author, Progress, Refusal, WriteRequest, author};
use crate::change::Applier;
use crate::diag::{Code, Problem, Result};
use crate::methods::Call;
use crate::model::Model;
use crate::rules::Sealed;
use crate::service::Service;
use crate::service::notices::Notice;
use crate::store::Writer;

impl Service {
    /// Sees that the calls among some requests can be made, as things are after the requests.
    pub(super) fn rehearse_alone(
        &self,
        (requests, prepared): (&[WriteRequest], &[Prepared]),
        writer: &mut Writer,
        progress: &Progress,
    ) -> Result<()> {
        for (number, request, prepared, call) in alone(requests, prepared) {
            progress.at(number);
            let author = author(request, &Along::default());
            let at = Progress::default();
            let model = self.model_of(&request.caller);
            let call = (request, prepared, call);
            self.seal_alone(&model, call, &author, writer, &at)?;
        }
        Ok(())
    }

    /// Makes the calls among some requests, which were made or refused.
    ///
    /// # Errors
    ///
    /// Why the call cannot be made, where it is all that was asked for. What was changed beside it
    /// stays changed, so that there is no way to refuse it any more.
    pub(super) fn make_alone(
        &self,
        requests: &[WriteRequest],
        prepared: &[Prepared],
        refusal: Option<&Refusal>,
        progress: &Progress,
    ) -> Result<(), Refusal> {
        if progress.is_repeated.get() {
            return Ok(());
        }
        for (number, request, prepared, call) in alone(requests, prepared) {
            if refusal.is_some_and(|refusal| refusal.request == number) {
                continue;
            }
            let author = author(request, &Along::default());
            let at = Progress::default();
            let model = self.model_of(&request.caller);
            let made = self.0.store.write(|writer| {
                let call = (request, prepared, call);
                let sealed = self.seal_alone(&model, call, &author, writer, &at)?;
                self.save(&sealed, &author, writer)?;
                Ok(Notice::of(sealed.set()))
            });
            match made {
                Ok(notices) => self.tell(&notices),
                Err(problem) if requests.len() == 1 => {
                    return Err(Refusal {
                        request: number,
                        problem,
                    });
                }
                Err(problem) => {
                    let (code, detail) = (problem.code().word(), problem.log_text());
                    tracing::warn!(code, detail, "a call beside changes was not made");
                }
            }
        }
        Ok(())
    }

    /// What one call changes, checked.
    fn seal_alone<'m>(
        &self,
        model: &'m Model,
        (request, prepared, call): (&'m WriteRequest, &Prepared, &dyn Call),
        author: &Author,
        writer: &mut Writer,
        progress: &Progress,
    ) -> Result<Sealed<'m>> {
        let seen = Seen {
            model,
            rights: &request.caller.rights.read,
            now: request.now,
        };
        let mut transaction = Transaction {
            model,
            writer,
            seen,
        };
        let object = match prepared.work.object() {
            None => None,
            Some(object) => {
                let id = locate(model, transaction.writer, object)?;
                let gone = || Problem::new(Code::NotFound, "the object is not there any more");
                Some((object.entity, id.ok_or_else(gone)?))
            }
        };
        let mut ids = || self.new_id();
        let mut applier = Applier::new(model, &mut transaction, &mut ids, author.now);
        match object {
            Some(object) => call.apply(&mut applier, object)?,
            None => call.apply_unbound(&mut applier, request.caller.user())?,
        }
        applier.finish()?;
        let set = applier
            .check(author)
            .map_err(|faults| progress.one(faults))?;
        self.seal(set, author, &request.language, &mut transaction, progress)
    }
}

/// The calls among some requests that are made in transactions of their own, with their positions.
fn alone<'a>(
    requests: &'a [WriteRequest],
    prepared: &'a [Prepared],
) -> impl Iterator<Item = (usize, &'a WriteRequest, &'a Prepared, &'a dyn Call)> {
    let all = requests.iter().zip(prepared).enumerate();
    all.filter_map(|(number, (request, prepared))| {
        Some((number, request, prepared, prepared.work.alone()?))
    })
}
