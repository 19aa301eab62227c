//! Indexes of trigrams that are not whole.

use super::{Finding, listed};
use crate::diag::Result;
use crate::model::Model;
use crate::store::{Store, TrigramFault, TrigramState};

/// What is found about them.
pub(super) fn check(store: &Store, model: &Model, compares: bool) -> Result<Vec<Finding>> {
    let (mut headless, mut loose, mut invalid, mut differing) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (searched, state) in model.searched().zip(store.trigrams(model)?) {
        let found = match state {
            TrigramState::Off => continue,
            TrigramState::On if !compares || !store.do_trigrams_differ(model, &searched)? => {
                continue;
            }
            TrigramState::On => &mut differing,
            TrigramState::Broken(TrigramFault::NoTable) => &mut headless,
            TrigramState::Broken(TrigramFault::NoTriggers) => &mut loose,
            TrigramState::Broken(TrigramFault::NotValid) => &mut invalid,
        };
        found.push(model.searched_path(&searched));
    }
    let findings = [
        listed(
            "TrigramsWithoutTable",
            "indexes of trigrams are gone but for their triggers, so that changes fail, of",
            headless,
            "`userdex trigrams off SET/ATTRIBUTE` removes the triggers, `on` makes the index anew",
        ),
        listed(
            "TrigramsWithoutTriggers",
            "indexes of trigrams have lost triggers, and are not used, of",
            loose,
            "`userdex trigrams on SET/ATTRIBUTE` makes the index anew, `off` removes what is left",
        ),
        listed(
            "TrigramsNotValid",
            "indexes of trigrams are not valid, and are not used, of",
            invalid,
            "`userdex trigrams on SET/ATTRIBUTE` makes the index anew, `off` removes it",
        ),
        listed(
            "TrigramsDiffer",
            "indexes of trigrams say other things than is stored, so that searches miss objects, of",
            differing,
            "`userdex trigrams on SET/ATTRIBUTE` makes the index anew; find out what wrote to the \
             database beside Userdex",
        ),
    ];
    Ok(findings.into_iter().flatten().collect())
}
