//! Numeric promotion (OData 4.01 Part 2, 5.1.1.14): whole numbers compared with decimal ones. `A ge 0.5`
//! asks for the same as `A ge 1`, so that no database has to compare numbers of two kinds.

use rust_decimal::Decimal;

use crate::model::Attribute;
use crate::plan::CompareOperator;

use super::constant::Constant;

/// The whole numbers below and above a decimal one between them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Between {
    below: Decimal,
    above: Decimal,
}

impl Between {
    /// The neighbours of a constant; nothing for what is no number with a fraction.
    pub(super) fn of(constant: &Constant<'_>) -> Option<Self> {
        let number = decimal(constant)?;
        (!number.is_integer()).then(|| Self {
            below: number.floor(),
            above: number.ceil(),
        })
    }

    /// The same for what an attribute is compared with; nothing where that is no whole number.
    pub(super) fn of_attribute(attribute: &Attribute, constant: &Constant<'_>) -> Option<Self> {
        attribute.kind.integer_range()?;
        Self::of(constant)
    }

    /// Both, as constants.
    pub(super) fn both(self) -> [Constant<'static>; 2] {
        [Constant::Decimal(self.below), Constant::Decimal(self.above)]
    }

    /// The one that a whole number compares with as it does with what is between; nothing for
    /// equality, which holds for none.
    pub(super) fn instead(self, operator: CompareOperator) -> Option<Constant<'static>> {
        let number = match operator {
            CompareOperator::Eq | CompareOperator::Ne => return None,
            CompareOperator::Ge | CompareOperator::Lt => self.above,
            CompareOperator::Le | CompareOperator::Gt => self.below,
        };
        Some(Constant::Decimal(number))
    }
}

/// A number as a decimal one; nothing for doubles beyond their range.
fn decimal(constant: &Constant<'_>) -> Option<Decimal> {
    if let Constant::Decimal(number) = constant {
        return Some(*number);
    }
    let Constant::Double(number) = constant else {
        return None;
    };
    Decimal::try_from(*number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_neighbour_compares_as_the_number_does() {
        use CompareOperator::{Eq, Ge, Gt, Le, Lt, Ne};
        for number in ["0.5", "-0.5", "2.25", "-7.75"] {
            let number: Decimal = number.parse().unwrap();
            let between = Between::of(&Constant::Decimal(number)).unwrap();
            for whole in -9_i64..9 {
                let other = Decimal::from(whole);
                for (operator, expected) in [
                    (Ge, other >= number),
                    (Gt, other > number),
                    (Le, other <= number),
                    (Lt, other < number),
                ] {
                    let Some(Constant::Decimal(with)) = between.instead(operator) else {
                        panic!("{number}");
                    };
                    let found = match operator {
                        Ge => other >= with,
                        Gt => other > with,
                        Le => other <= with,
                        Lt | Eq | Ne => other < with,
                    };
                    assert_eq!(found, expected, "{whole} {operator:?} {number}");
                }
            }
            assert_eq!(between.instead(Eq), None);
            assert_eq!(between.instead(Ne), None);
        }
        for other in [2.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Between::of(&Constant::Double(other)), None);
        }
        let half = Between::of(&Constant::Double(0.5)).unwrap();
        assert_eq!(half.instead(Ge), Some(Constant::Decimal(1.into())));
        assert_eq!(Between::of(&Constant::Integer(2)), None);
    }
}
