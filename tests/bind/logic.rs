//! The predicate of a condition is true for exactly the rows for which OData says *true*.

use proptest::prelude::*;
use userdex::model::Model;
use userdex::plan::{CompareOperator, MatchKind, Predicate, Term};
use userdex::value::Value;

use crate::draw;

/// The e-mails of the rows; a row has nothing else.
const ROWS: [Option<&str>; 4] = [None, Some("x"), Some("y"), Some("xy")];

/// A condition and what it is for a row; null where there is no value.
#[derive(Debug, Clone)]
enum Condition {
    Equals(&'static str),
    Differs(&'static str),
    Contains(&'static str),
    IsNull,
    OneOf(&'static str, &'static str),
    Not(Box<Condition>),
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Is(Box<Condition>, Option<bool>),
    IsNot(Box<Condition>, Option<bool>),
}

impl Condition {
    fn text(&self) -> String {
        let joined = |parts: &[Condition], by: &str| {
            let parts: Vec<_> = parts.iter().map(|p| p.text()).collect();
            format!("({})", parts.join(by))
        };
        let constant = |c: &Option<bool>| c.map_or("null".to_owned(), |b| b.to_string());
        match self {
            Self::Equals(v) => format!("Email eq '{v}'"),
            Self::Differs(v) => format!("Email ne '{v}'"),
            Self::Contains(v) => format!("contains(Email,'{v}')"),
            Self::IsNull => "Email eq null".into(),
            Self::OneOf(a, b) => format!("Email in ('{a}','{b}')"),
            Self::Not(c) => format!("not ({})", c.text()),
            Self::And(parts) => joined(parts, " and "),
            Self::Or(parts) => joined(parts, " or "),
            Self::Is(c, b) => format!("({}) eq {}", c.text(), constant(b)),
            Self::IsNot(c, b) => format!("({}) ne {}", c.text(), constant(b)),
        }
    }

    /// OData 4.01 Part 2, 5.1.1.1 and 5.1.1.6.
    fn of(&self, row: Option<&str>) -> Option<bool> {
        let all = |parts: &[Condition], strong: bool| {
            let outcomes: Vec<_> = parts.iter().map(|p| p.of(row)).collect();
            if outcomes.contains(&Some(!strong)) {
                return Some(!strong);
            }
            (!outcomes.contains(&None)).then_some(strong)
        };
        match self {
            Self::Equals(v) => Some(row == Some(*v)),
            Self::Differs(v) => Some(row != Some(*v)),
            Self::Contains(v) => row.map(|text| text.contains(v)),
            Self::IsNull => Some(row.is_none()),
            Self::OneOf(a, b) => Some(row == Some(*a) || row == Some(*b)),
            Self::Not(c) => c.of(row).map(|b| !b),
            Self::And(parts) => all(parts, true),
            Self::Or(parts) => all(parts, false),
            Self::Is(c, b) => Some(c.of(row) == *b),
            Self::IsNot(c, b) => Some(c.of(row) != *b),
        }
    }
}

/// Whether a predicate over the e-mail alone is true for a row.
fn holds(predicate: &Predicate, row: Option<&str>) -> bool {
    let email = |term: &Term| assert!(matches!(term, Term::Column(_)), "{term:?}");
    let or_null = |found: &dyn Fn(&str) -> bool, or_null: bool| row.map_or(or_null, found);
    match predicate {
        Predicate::Always => true,
        Predicate::Never => false,
        Predicate::All(parts) => parts.iter().all(|p| holds(p, row)),
        Predicate::Any(parts) => parts.iter().any(|p| holds(p, row)),
        Predicate::Compare {
            term,
            operator,
            value,
            or_null: null,
        } => {
            email(term);
            let equal = |text: &str| *value == Value::Text(text.to_owned());
            match operator {
                CompareOperator::Eq => or_null(&equal, *null),
                CompareOperator::Ne => or_null(&|text| !equal(text), *null),
                CompareOperator::Lt
                | CompareOperator::Le
                | CompareOperator::Gt
                | CompareOperator::Ge => panic!("{operator:?}"),
            }
        }
        Predicate::OneOf {
            term,
            values,
            negated,
            or_null: null,
        } => {
            email(term);
            let among = |text: &str| values.contains(&Value::Text(text.to_owned()));
            or_null(&|text| among(text) != *negated, *null)
        }
        Predicate::Null { term, negated } => {
            email(term);
            row.is_none() != *negated
        }
        Predicate::Match {
            term,
            kind,
            needle,
            negated,
            or_null: null,
        } => {
            email(term);
            assert_eq!(*kind, MatchKind::Contains);
            or_null(&|text| text.contains(needle.as_str()) != *negated, *null)
        }
        Predicate::Within { .. } | Predicate::Counted { .. } | Predicate::Outer { .. } => {
            panic!("{predicate:?}")
        }
    }
}

fn condition() -> impl Strategy<Value = Condition> {
    let word = || prop_oneof![Just("x"), Just("y"), Just("xy")];
    let leaf = prop_oneof![
        word().prop_map(Condition::Equals),
        word().prop_map(Condition::Differs),
        word().prop_map(Condition::Contains),
        Just(Condition::Contains("")),
        Just(Condition::IsNull),
        (word(), word()).prop_map(|(a, b)| Condition::OneOf(a, b)),
    ];
    let constant = || prop_oneof![Just(None), Just(Some(true)), Just(Some(false))];
    leaf.prop_recursive(4, 24, 3, move |inner| {
        let one = inner.clone().prop_map(Box::new);
        prop_oneof![
            one.clone().prop_map(Condition::Not),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Condition::And),
            prop::collection::vec(inner, 2..4).prop_map(Condition::Or),
            (one.clone(), constant()).prop_map(|(c, b)| Condition::Is(c, b)),
            (one, constant()).prop_map(|(c, b)| Condition::IsNot(c, b)),
        ]
    })
}

#[test]
fn conditions_select_the_rows_for_which_they_are_true() {
    let model = Model::shipped().unwrap();
    let mut context = draw::context();
    context.limits.filter_nodes = 100_000;
    proptest!(|(condition in condition())| {
        let text = condition.text();
        let read = draw::read(&model, &format!("{}?$filter={text}", draw::USERS), &context);
        let predicate = read.map_err(|p| TestCaseError::fail(format!("{text}: {p:?}")))?
            .query.predicate;
        for row in ROWS {
            let expected = condition.of(row) == Some(true);
            prop_assert_eq!(holds(&predicate, row), expected, "{} for {:?}", text, row);
        }
    });
}
