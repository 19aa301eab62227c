//! Conditions drawn at random from what a model declares.

use fastrand::Rng;
use userdex::model::Model;

use super::evaluator::{Condition, Field, FieldKind, Form, Lambda, Test, World, fields};
use super::rows::TEXTS;

impl World {
    /// A condition on a set that its declarations allow; none where the set declares nothing.
    pub fn draw(&self, model: &Model, set: &str, rng: &mut Rng, depth: u8) -> Option<Condition> {
        self.draw_inside(model, &[set], rng, depth)
    }

    /// The same inside lambdas; `sets` are those of the rows in scope, the innermost last.
    fn draw_inside(
        &self,
        model: &Model,
        sets: &[&str],
        rng: &mut Rng,
        depth: u8,
    ) -> Option<Condition> {
        let set = sets[sets.len() - 1];
        let inner = |rng: &mut Rng| self.draw_inside(model, sets, rng, depth - 1).map(Box::new);
        let has_children = !model.entity(model.set(set)?).collections.is_empty();
        Some(match if depth == 0 { 99 } else { rng.u8(..10) } {
            0 => Condition::Not(inner(rng)?),
            1 | 2 => Condition::And(inner(rng)?, inner(rng)?),
            3 | 4 => Condition::Or(inner(rng)?, inner(rng)?),
            5 | 6 if has_children => {
                Condition::Lambda(Box::new(self.draw_lambda(model, sets, rng, depth)?))
            }
            7 if sets.len() > 1 => {
                let test = self.draw_test(model, sets[0], rng)?;
                Condition::It(Box::new(Condition::Test(Box::new(test))))
            }
            _ => Condition::Test(Box::new(self.draw_test(model, set, rng)?)),
        })
    }

    fn draw_lambda(
        &self,
        model: &Model,
        sets: &[&str],
        rng: &mut Rng,
        depth: u8,
    ) -> Option<Lambda> {
        let entity = model.entity(model.set(sets[sets.len() - 1])?);
        let collection = rng.choice(&entity.collections)?;
        let target = model.entity(collection.target);
        let back = target.reference(collection.back).name.clone();
        let within = [sets, &[target.set.as_str()]].concat();
        let inner = match rng.u8(..6) {
            0 => None,
            _ => self.draw_inside(model, &within, rng, depth - 1),
        };
        Some(Lambda {
            collection: collection.name.clone(),
            set: target.set.clone(),
            back,
            variable: ["x", "y", "z"][sets.len() - 1],
            all: inner.is_some() && rng.bool(),
            inner,
        })
    }

    fn draw_test(&self, model: &Model, set: &str, rng: &mut Rng) -> Option<Test> {
        let entity = model.entity(model.set(set)?);
        let open = entity.references.iter().filter(|r| r.owner || r.filterable);
        let open: Vec<_> = open.collect();
        let (via, target) = match rng.choice(&open) {
            Some(reference) if rng.u8(..3) == 0 => {
                let target = model.entity(reference.target).set.clone();
                (Some((reference.name.clone(), target.clone())), target)
            }
            Some(_) | None => (None, set.to_owned()),
        };
        let mut all = fields(model, model.set(&target)?);
        // `Ref/Id` is the reference itself, with its declarations.
        all.retain(|field| field.filters.any() && (via.is_none() || field.name != "Id"));
        let field = rng.choice(all)?;
        let form = self.draw_form(&field, &target, rng)?;
        Some(Test { via, field, form })
    }

    fn draw_form(&self, field: &Field, set: &str, rng: &mut Rng) -> Option<Form> {
        let f = field.filters;
        let value = |rng: &mut Rng| self.draw_value(field, set, rng);
        let mut forms: Vec<Form> = Vec::new();
        if f.eq {
            forms.push(Form::Compare("eq", Some(value(rng))));
            forms.push(Form::Compare("ne", Some(value(rng))));
            forms.push(Form::Compare(rng.choice(["eq", "ne"])?, None));
            forms.push(Form::OrNull("eq", value(rng)));
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
        }
        if f.like {
            let text = value(rng);
            let count = text.chars().count();
            let from = rng.usize(..=count);
            let part: String = text.chars().skip(from).take(rng.usize(..4)).collect();
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
                FieldKind::Text { .. } | FieldKind::Languages => {
                    (*rng.choice(TEXTS).unwrap()).to_owned()
                }
                FieldKind::Time => "2024-02-29T00:00:00Z".to_owned(),
                FieldKind::Guid | FieldKind::Reference(_) => {
                    format!("00000000-0000-0000-0000-{:012x}", rng.u8(..4))
                }
                FieldKind::Enumeration(members) => rng.choice(members).unwrap().clone(),
                FieldKind::Binary => String::new(),
            },
        }
    }
}
