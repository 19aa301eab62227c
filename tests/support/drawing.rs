//! Conditions drawn at random from what a model declares.

use fastrand::Rng;
use userdex::model::{Model, Reference};

use super::evaluator::{
    Asked, Case, Condition, Field, FieldKind, Form, Lambda, Test, World, fields,
};
use super::rows::TEXTS;

/// Conditions of constants, and what they are.
const CONSTANTS: &[(&str, Option<bool>)] = &[
    ("1 eq 1", Some(true)),
    ("length('abc') gt 3", Some(false)),
    ("contains('abc',substring('xb',1))", Some(true)),
    ("contains(null,'a')", None),
    ("not contains('a',null)", None),
    ("isof(5,Edm.Int32)", Some(true)),
    ("round(2.5) eq 3", Some(true)),
    ("-5 mod 3 eq -2", Some(true)),
    ("7 div 2 eq 3", Some(true)),
    ("7 divby 2 eq 3.5", Some(true)),
    ("now() gt 2020-01-01T00:00:00Z", Some(true)),
    ("mindatetime() lt maxdatetime()", Some(true)),
    ("null ne null", Some(false)),
    ("null ge null", Some(true)),
    ("cast('x',Edm.Int32) eq null", Some(true)),
    ("indexof('жab','b') eq 2", Some(true)),
    (
        "month(2024-02-29) add hour(2024-01-01T03:00:00Z) eq 5",
        Some(true),
    ),
    ("case(1 eq 2:true)", None),
    ("0.1 add 0.2 eq 0.3", Some(true)),
    ("1 divby 8 eq 125e-3", Some(true)),
    ("duration'P1D' mul 2 eq duration'PT48H'", Some(true)),
    ("2024-02-28 add duration'P2D' ge 2024-03-02", Some(false)),
    (
        "Erp.Systems_Security_Users_UserType'InternalUser' ne \
         cast('InternalUser',Erp.Systems_Security_Users_UserType)",
        Some(false),
    ),
    (
        "Erp.Systems_Security_Users_UserType'InternalUser' has \
         Erp.Systems_Security_Users_UserType'InternalUser'",
        Some(true),
    ),
];

/// What a condition may be.
#[derive(Debug, Clone, Copy)]
struct Room {
    depth: u8,
    /// Whether that it is not true may be asked: custom properties do not tell that.
    negated: bool,
}

impl Room {
    const fn inside(self) -> Self {
        Self {
            depth: self.depth - 1,
            ..self
        }
    }

    const fn negated(self) -> Self {
        Self {
            negated: true,
            ..self.inside()
        }
    }
}

/// The seed of a run: that of `USERDEX_SEED`, else its own.
pub fn seed(own: u64) -> u64 {
    std::env::var("USERDEX_SEED").map_or(own, |seed| seed.parse().unwrap())
}

impl World {
    /// A condition on a set that its declarations allow; none where the set declares nothing.
    pub fn draw(&self, model: &Model, set: &str, rng: &mut Rng, depth: u8) -> Option<Condition> {
        let room = Room {
            depth,
            negated: false,
        };
        self.draw_inside(model, &[set], rng, room)
    }

    /// The same inside lambdas; `sets` are those of the rows in scope, the innermost last.
    fn draw_inside(
        &self,
        model: &Model,
        sets: &[&str],
        rng: &mut Rng,
        room: Room,
    ) -> Option<Condition> {
        let set = sets[sets.len() - 1];
        let inner =
            |rng: &mut Rng, room: Room| self.draw_inside(model, sets, rng, room).map(Box::new);
        let has_children = !model.entity(model.set(set)?).collections.is_empty();
        Some(match if room.depth == 0 { 99 } else { rng.u8(..14) } {
            0 => Condition::Not(inner(rng, room.negated())?),
            1 | 2 => Condition::And(inner(rng, room.inside())?, inner(rng, room.inside())?),
            3 | 4 => Condition::Or(inner(rng, room.inside())?, inner(rng, room.inside())?),
            5..=7 if has_children => {
                Condition::Lambda(Box::new(self.draw_lambda(model, sets, rng, room)?))
            }
            8 if sets.len() > 1 => {
                let test = self.draw_test(model, sets[0], rng, room)?;
                Condition::It(Box::new(Condition::Test(Box::new(test))))
            }
            9 => self.draw_case(model, sets, rng, room)?,
            10 => {
                let constant = rng.choice([Some(true), Some(false), None])?;
                Condition::Truth(inner(rng, room.negated())?, rng.bool(), constant)
            }
            11 => draw_type(model, set, rng)?,
            12 if rng.bool() => {
                let (text, value) = rng.choice(CONSTANTS)?;
                Condition::Constant(text, *value)
            }
            _ => Condition::Test(Box::new(self.draw_test(model, set, rng, room)?)),
        })
    }

    fn draw_lambda(
        &self,
        model: &Model,
        sets: &[&str],
        rng: &mut Rng,
        room: Room,
    ) -> Option<Lambda> {
        let entity = model.entity(model.set(sets[sets.len() - 1])?);
        let collection = rng.choice(&entity.collections)?;
        let target = model.entity(collection.target);
        let back = target.reference(collection.back).name.clone();
        let within = [sets, &[target.set.as_str()]].concat();
        let counts = sets.len() == 1 && rng.u8(..3) == 0;
        let all = !counts && rng.bool();
        let room = if all || counts {
            room.negated()
        } else {
            room.inside()
        };
        // Names in what is counted are those of the children alone.
        let scope = if counts { &within[1..] } else { &within[..] };
        let inner = match rng.u8(..6) {
            0 => None,
            _ => self.draw_inside(model, scope, rng, room),
        };
        let narrowed = if sets.len() == 1 && !counts && inner.is_some() && rng.u8(..4) == 0 {
            self.draw_inside(model, &within[1..], rng, room)
        } else {
            None
        };
        let before = rng.bool();
        let is_searched = counts && !before && self.is_searched(&target.set);
        let search =
            (is_searched && rng.u8(..3) == 0).then(|| self.draw_search(&target.set, rng, 1));
        let variable = ["x", "y", "z"][sets.len() - 1];
        let asked = match (counts, all && inner.is_some()) {
            (true, _) => Asked::Count {
                operator: rng.choice(["eq", "ne", "gt", "ge", "lt", "le"])?,
                number: rng.i64(-1..4),
                before,
            },
            (false, true) => Asked::All(variable),
            (false, false) => Asked::Any(variable),
        };
        Some(Lambda {
            collection: collection.name.clone(),
            set: target.set.clone(),
            back,
            asked,
            narrowed,
            search,
            inner,
        })
    }

    /// One of two properties of the same kind, by a condition; a test where there are none.
    fn draw_case(
        &self,
        model: &Model,
        sets: &[&str],
        rng: &mut Rng,
        room: Room,
    ) -> Option<Condition> {
        let set = sets[sets.len() - 1];
        let mut open = fields(model, model.set(set)?);
        open.retain(|f| f.filters.eq && comparable(&f.kind).is_some());
        let Some(first) = rng.choice(&open).cloned() else {
            let test = self.draw_test(model, set, rng, room)?;
            return Some(Condition::Test(Box::new(test)));
        };
        let same = |f: &&Field| comparable(&f.kind) == comparable(&first.kind);
        let second = rng
            .choice(open.iter().filter(same).collect::<Vec<_>>())?
            .clone();
        let value = match first.kind {
            // In the range of either.
            FieldKind::Number => rng.choice(["0", "1", "2"])?.to_owned(),
            _ => self.draw_value(&first, set, rng),
        };
        Some(Condition::Case(Box::new(Case {
            when: self.draw_inside(model, sets, rng, room.negated())?,
            first,
            second,
            operator: rng.choice(["eq", "ne"])?,
            value,
        })))
    }

    fn draw_test(&self, model: &Model, set: &str, rng: &mut Rng, room: Room) -> Option<Test> {
        let entity = model.entity(model.set(set)?);
        let open = entity.references.iter().filter(|r| r.owner || r.filterable);
        let open: Vec<&Reference> = open.collect();
        let (via, target) = match rng.choice(&open) {
            Some(reference) if rng.u8(..3) == 0 => {
                let target = model.entity(reference.target).set.clone();
                (Some((reference.name.clone(), target.clone())), target)
            }
            Some(_) | None => (None, set.to_owned()),
        };
        let mut all = fields(model, model.set(&target)?);
        // `Ref/Id` is the reference itself, with its declarations.
        all.retain(|field| {
            let is_told = !room.negated || !matches!(field.kind, FieldKind::Custom);
            is_told && field.filters.any() && (via.is_none() || field.name != "Id")
        });
        let field = rng.choice(all)?;
        let form = self.draw_form(&field, &target, rng)?;
        Some(Test { via, field, form })
    }

    fn draw_form(&self, field: &Field, set: &str, rng: &mut Rng) -> Option<Form> {
        let f = field.filters;
        let value = |rng: &mut Rng| self.draw_value(field, set, rng);
        if matches!(field.kind, FieldKind::Custom) {
            let value = (rng.u8(..4) > 0).then(|| value(rng));
            return Some(Form::Compare("eq", value));
        }
        let mut forms: Vec<Form> = Vec::new();
        if f.eq {
            forms.push(Form::Compare("eq", Some(value(rng))));
            forms.push(Form::Compare("ne", Some(value(rng))));
            forms.push(Form::Compare(rng.choice(["eq", "ne"])?, None));
            forms.push(Form::OrNull("eq", value(rng)));
        }
        if f.eq && matches!(field.kind, FieldKind::Boolean) {
            forms.push(Form::Bare);
        }
        if f.eq && matches!(field.kind, FieldKind::Text { .. }) {
            let value = value(rng).trim().to_owned();
            forms.push(Form::Trimmed(rng.choice(["eq", "ne"])?, value));
        }
        if f.multi {
            let one =
                |rng: &mut Rng| Some(self.draw_value(field, set, rng)).filter(|_| rng.u8(..6) > 0);
            forms.push(Form::In((0..rng.usize(1..5)).map(|_| one(rng)).collect()));
        }
        if f.ge && f.le {
            let operator = rng.choice(["ge", "gt", "le", "lt"])?;
            forms.push(Form::Compare(operator, Some(value(rng))));
            forms.push(Form::OrNull(rng.choice(["ge", "le"])?, value(rng)));
            if matches!(field.kind, FieldKind::Time) {
                let (function, digits) = rng.choice([("year", 4), ("date", 10)])?;
                let operator = rng.choice(["eq", "ne", "ge", "gt", "le", "lt"])?;
                let value = value(rng)[..digits].to_owned();
                forms.push(Form::Part(function, operator, value));
            }
        }
        if f.like {
            let text = value(rng);
            let count = text.chars().count();
            let from = rng.usize(..=count);
            let part: String = text.chars().skip(from).take(rng.usize(..4)).collect();
            let (operator, number) = rng.choice([
                ("eq", -1),
                ("le", -1),
                ("lt", 0),
                ("ne", -1),
                ("gt", -1),
                ("ge", 0),
            ])?;
            forms.push(Form::IndexOf(operator, number, part.clone()));
            let function = rng.choice(["contains", "startswith", "endswith"])?;
            forms.push(Form::Match(function, rng.choice([part, text])?));
        }
        let chosen = rng.usize(..forms.len().max(1));
        (!forms.is_empty()).then(|| forms.swap_remove(chosen))
    }

    /// A value that some row holds, or another one.
    fn draw_value(&self, field: &Field, set: &str, rng: &mut Rng) -> String {
        let held = rng
            .choice(self.rows(set))
            .map(|row| field.held(row))
            .unwrap_or_default();
        match rng.choice(held) {
            Some(held) if rng.u8(..5) > 0 => held,
            Some(_) | None => match &field.kind {
                FieldKind::Number => {
                    let numbers = ["0", "1", "2", "-1", "255", "0.5", "1.5", "-0.5"];
                    rng.choice(numbers).unwrap().to_owned()
                }
                FieldKind::Boolean => rng.bool().to_string(),
                FieldKind::Text { .. } | FieldKind::Languages | FieldKind::Custom => {
                    (*rng.choice(TEXTS).unwrap()).to_owned()
                }
                FieldKind::Time => "2024-02-29T00:00:00Z".to_owned(),
                FieldKind::Guid | FieldKind::Reference(_) => {
                    format!("00000000-0000-0000-0000-{:012x}", rng.u8(..4))
                }
                FieldKind::Enumeration(_, members) => rng.choice(members).unwrap().clone(),
                FieldKind::Binary => String::new(),
            },
        }
    }
}

/// The kind of a property that a `case` may give: those of the same number compare alike.
fn comparable(kind: &FieldKind) -> Option<u8> {
    match kind {
        FieldKind::Number => Some(0),
        FieldKind::Boolean => Some(1),
        FieldKind::Text { .. } => Some(2),
        FieldKind::Time => Some(3),
        FieldKind::Guid => Some(4),
        FieldKind::Languages
        | FieldKind::Enumeration(..)
        | FieldKind::Reference(_)
        | FieldKind::Binary
        | FieldKind::Custom => None,
    }
}

/// Whether a row is one of a type: a derived one, or that of the set.
fn draw_type(model: &Model, set: &str, rng: &mut Rng) -> Option<Condition> {
    let id = model.set(set)?;
    let derived = model.entities().filter(|(other, _)| model.is_a(*other, id));
    let of = rng.choice(derived.map(|(_, e)| e).collect::<Vec<_>>())?;
    Some(Condition::IsOf(of.set.clone(), of.type_name.clone()))
}
