//! `case(c1:v1,c2:v2)`: the value of the first condition that is true, null where none is.
//!
//! It is taken apart into what its conditions and values ask, so that it opens nothing that they do
//! not open by themselves.

use crate::diag::Result;
use crate::plan::Predicate;
use crate::syntax::ast::Node;

use super::merge;
use super::predicate::Binder;
use super::truth::Want;

/// The conditions and values of a `case`.
pub(super) type Branches<'a> = &'a [(Node, Node)];

/// What must come of the conditions before the one that counts.
const NOT_TRUE: Want = Want {
    yes: false,
    no: true,
    null: true,
};

impl<'a> Binder<'a, '_> {
    /// The rows for which the value of a `case` is as `wanted` says of each value; the last one is
    /// null, which no branch gives.
    pub(super) fn case(
        &mut self,
        branches: Branches<'a>,
        mut wanted: impl FnMut(&mut Self, Option<&'a Node>) -> Result<Predicate>,
    ) -> Result<Predicate> {
        let mut parts = Vec::with_capacity(branches.len() + 1);
        for (position, (when, then)) in branches.iter().enumerate() {
            let mut part = self.none_of(branches.get(..position).unwrap_or_default())?;
            part.push(self.condition(when, Want::TRUE)?);
            part.push(wanted(self, Some(then))?);
            parts.push(merge::joined(part, true));
        }
        let mut part = self.none_of(branches)?;
        part.push(wanted(self, None)?);
        parts.push(merge::joined(part, true));
        Ok(merge::joined(parts, false))
    }

    fn none_of(&mut self, branches: Branches<'a>) -> Result<Vec<Predicate>> {
        let conditions = branches.iter();
        conditions
            .map(|(when, _)| self.condition(when, NOT_TRUE))
            .collect()
    }
}
