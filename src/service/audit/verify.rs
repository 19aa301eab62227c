//! The whole log, followed from its start to its end.

use super::Service;
use crate::audit::{Checker, Entry, Finding, Hash, Head, ParsedHead};
use crate::diag::Result;
use crate::store::AuditReads as _;

/// What following the chain has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Where the chain ends: to be kept elsewhere.
    pub head: Head,
    /// How many entries hold.
    pub good: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// An entry of an export.
#[derive(Debug, Clone, Copy)]
pub struct Exported<'a> {
    /// Its place in the chain.
    pub at: Head,
    /// The entry; nothing where it is missing.
    pub entry: Option<&'a Entry>,
}

impl Service {
    /// Follows the chain of the audit log. `kept` is a head that was kept elsewhere. Blocks on the
    /// database for as long as the log is.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn verify_audit(&self, kept: Option<&ParsedHead>) -> Result<Verified> {
        self.0.store.patient_session()?.snapshot(|session| {
            let ends = session.audit_head()?;
            let zero = Head {
                number: 0,
                hash: Hash::NOTHING,
            };
            let mut checker = Checker::new(ends.map_or(zero, |(_, start)| start), kept.cloned());
            session.audit_chain(&mut |number, hash, entry| checker.link(number, hash, entry))?;
            let strangers = session.audit_strangers()?;
            let good = checker.good;
            let (head, findings) = checker.end(ends.map(|(head, _)| head), strangers);
            Ok(Verified {
                head,
                good,
                findings,
            })
        })
    }

    /// Hands out the whole log in the order of its chain. Blocks on the database, and on whoever
    /// takes it.
    ///
    /// # Errors
    ///
    /// What `take` answers; faults of the database.
    pub fn export_audit(
        &self,
        take: &mut (dyn FnMut(Exported<'_>) -> Result<()> + Send),
    ) -> Result<()> {
        let mut taken = Ok(());
        self.0
            .store
            .patient_session()?
            .audit_chain(&mut |number, hash, entry| {
                let hash = hash.unwrap_or(Hash::NOTHING);
                let at = Head { number, hash };
                if taken.is_ok() {
                    taken = take(Exported { at, entry });
                }
            })?;
        taken
    }
}
