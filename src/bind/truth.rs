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

    /// What a filter leaves out, but for null.
    pub(super) const FALSE: Self = Self::TRUE.negated();

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

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOMES: [Option<bool>; 3] = [Some(true), Some(false), None];

    fn wants() -> impl Iterator<Item = Want> {
        (0..8).map(|n| Want {
            yes: n & 1 > 0,
            no: n & 2 > 0,
            null: n & 4 > 0,
        })
    }

    #[test]
    fn negation_is_that_of_kleene() {
        for want in wants() {
            for outcome in OUTCOMES {
                let negated = outcome.map(|b| !b);
                assert_eq!(want.negated().has(outcome), want.has(negated));
            }
        }
    }

    #[test]
    fn a_comparison_with_a_constant_is_never_null() {
        for want in wants() {
            for outcome in OUTCOMES {
                for constant in OUTCOMES {
                    let equal = outcome == constant;
                    assert_eq!(want.equal_to(constant).has(outcome), want.has(Some(equal)));
                }
            }
        }
    }
}
