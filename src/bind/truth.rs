//! Three-valued logic: for which outcomes of a condition a row is wanted.

/// A set of outcomes. A filter wants *true*; under `not` it wants *false*; what compares a
/// condition with a constant may want *null* too (OData 4.01 Part 2, 5.1.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Want {
    pub(super) yes: bool,
    pub(super) no: bool,
    pub(super) null: bool,
}

impl Want {
    /// What a filter selects.
    pub(super) const TRUE: Self = Self {
        yes: true,
        no: false,
        null: false,
    };

    /// What must come out of `x` so that `not x` is wanted.
    pub(super) const fn negated(self) -> Self {
        Self {
            yes: self.no,
            no: self.yes,
            null: self.null,
        }
    }

    /// Whether an outcome is wanted; `None` is null.
    pub(super) const fn has(self, outcome: Option<bool>) -> bool {
        match outcome {
            Some(true) => self.yes,
            Some(false) => self.no,
            None => self.null,
        }
    }

    /// What must come out of `x` so that `x eq constant` is wanted: that is never null.
    pub(super) const fn equal_to(self, constant: Option<bool>) -> Self {
        let (yes, no) = (self.yes, self.no);
        match constant {
            Some(true) => Self { yes, no, null: no },
            Some(false) => Self {
                yes: no,
                no: yes,
                null: no,
            },
            None => Self {
                yes: no,
                no,
                null: yes,
            },
        }
    }
}
