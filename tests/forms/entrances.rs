//! The ways by which a query names a property, and what each has to be answered.

use userdex::diag::Code;
use userdex::model::{EntityId, Model, PropertyId};

use crate::callers::Kind;
use crate::support::forms::{FORMS, KEY, Property, spell};

/// The forms that are tried at every entrance: one for each declaration, and one that none opens.
const EVERYWHERE: &[&str] = &[
    "A eq V",
    "not (A in (V,null))",
    "A lt V",
    "contains(A,'x')",
    "length(A) gt 3",
];

/// A question and what it is to be answered: nothing for an answer, else the refusal.
pub(crate) struct Question {
    pub(crate) address: String,
    pub(crate) refusal: Option<Code>,
}

/// A property, and what a caller has to do with it.
pub(crate) struct Asked<'a> {
    pub(crate) model: &'a Model,
    pub(crate) kind: &'a Kind,
    pub(crate) entity: EntityId,
    pub(crate) property: &'a Property,
}

impl Asked<'_> {
    fn set(&self) -> &str {
        &self.model.entity(self.entity).set
    }

    /// The refusal of a query of the property's own set: the set first, then the property, then what
    /// is not declared.
    fn refusal(&self, declared: bool, undeclared: Code) -> Option<Code> {
        if !self.kind.reads(self.model.entity(self.entity)) {
            return Some(Code::Forbidden);
        }
        self.refusal_inside(declared, undeclared)
    }

    /// The same where the set itself is not asked for.
    fn refusal_inside(&self, declared: bool, undeclared: Code) -> Option<Code> {
        let Property { name, secret, .. } = self.property;
        if self.kind.is_closed(self.model, self.entity, name, *secret) {
            return Some(Code::AttributeNotReadable);
        }
        (!declared).then_some(undeclared)
    }

    /// Every question about the property.
    pub(crate) fn questions(&self) -> Vec<Question> {
        let mut all = Vec::new();
        for (form, opens) in FORMS {
            let declared = opens(self.property.filters);
            self.conditions(form, declared, &mut all);
        }
        self.names(&mut all);
        all
    }

    /// A condition as the filter of the set, and the forms that stand for a declaration each at every
    /// other entrance of conditions.
    fn conditions(&self, form: &str, declared: bool, all: &mut Vec<Question>) {
        let set = self.set();
        let condition = spell(form, "", self.property);
        let refusal = self.refusal(declared, Code::FilterNotDeclared);
        let address = format!("{set}?$top=3&$filter={condition}");
        all.push(Question { address, refusal });
        if !EVERYWHERE.contains(&form) {
            return;
        }
        for address in [
            format!("{set}/$count?$filter={condition}"),
            format!("{set}?$filter=@a&@a={condition}"),
            format!("{set}?$filter=Id ne null and not ({condition})&$format=csv"),
            format!("{set}/$ref?$filter={}", spell(form, "$it/", self.property)),
        ] {
            all.push(Question { address, refusal });
        }
        // What has changed is asked for by the same condition; the token is nobody's.
        let refusal = refusal.or(Some(Code::InvalidDeltaToken));
        let address = format!("{set}?$filter={condition}&$deltatoken=x");
        all.push(Question { address, refusal });
        self.through_references(form, declared, all);
        self.through_collections(&condition, declared, all);
    }

    /// From the first readable set that leads here by a reference that filters may go through, and
    /// from the first whose reference stops them.
    fn through_references(&self, form: &str, declared: bool, all: &mut Vec<Question>) {
        // What ends in a key is about the reference.
        if self.property.name == "Id" {
            return;
        }
        for open in [true, false] {
            let mut referrers = self.model.referrers(self.entity).iter();
            let found = referrers.find_map(|(from, reference)| {
                let entity = self.model.entity(*from);
                let reference = entity.reference(*reference);
                let fits = (reference.owner || reference.filterable) == open;
                (fits && self.kind.reads(entity)).then_some((*from, reference))
            });
            let Some((from, reference)) = found else {
                continue;
            };
            let refusal = if self
                .kind
                .is_closed(self.model, from, &reference.name, false)
            {
                Some(Code::AttributeNotReadable)
            } else if open {
                // Where the target is hidden the reference is null: the question says nothing of it.
                self.refusal_inside(declared, Code::FilterNotDeclared)
            } else {
                Some(Code::FilterNotDeclared)
            };
            let condition = spell(form, &format!("{}/", reference.name), self.property);
            let address = format!("{}?$top=3&$filter={condition}", self.model.entity(from).set);
            all.push(Question { address, refusal });
        }
    }

    /// From every set that has these objects as children.
    fn through_collections(&self, condition: &str, declared: bool, all: &mut Vec<Question>) {
        for (_, from) in self.model.entities() {
            let mine = from.collections.iter().filter(|c| c.target == self.entity);
            for collection in mine.take(1) {
                let name = &collection.name;
                let refusal = match self.kind.reads(from) {
                    false => Some(Code::Forbidden),
                    true => self.refusal(declared, Code::FilterNotDeclared),
                };
                for address in [
                    format!("{}?$top=2&$expand={name}($filter={condition})", from.set),
                    format!(
                        "{}?$top=2&$expand={name}/$count($filter={condition})",
                        from.set
                    ),
                    format!("{}({KEY})/{name}?$filter={condition}", from.set),
                ] {
                    all.push(Question { address, refusal });
                }
            }
        }
    }

    /// The entrances that name the property without a condition.
    fn names(&self, all: &mut Vec<Question>) {
        let (set, name) = (self.set(), &self.property.name);
        let ordered = self.property.orderable || name == "Id";
        let order = self.refusal(ordered, Code::OrderNotDeclared);
        let shown = self.refusal(true, Code::Internal);
        let mut ask = |refusal, address: String| all.push(Question { address, refusal });
        ask(order, format!("{set}?$top=3&$orderby={name} desc"));
        ask(order, format!("{set}?$orderby={name}&$format=xlsx"));
        ask(shown, format!("{set}?$top=3&$select={name}"));
        ask(shown, format!("$entity?$id={set}({KEY})&$select={name}"));
        let delta = shown.or(Some(Code::InvalidDeltaToken));
        ask(delta, format!("{set}?$select={name}&$deltatoken=x"));
        ask(shown, format!("{set}?$format=csv&$select=Id,{name}"));
        ask(shown, format!("{set}?$format=ndjson&$select={name}"));
        // Not offered to anybody, so that it tells nothing of anything.
        let later = self.refusal_of_set().or(Some(Code::NotSupported));
        ask(later, format!("{set}?$apply=groupby(({name}))"));
        ask(later, format!("{set}?$compute={name} as X"));
        match self.property.id {
            PropertyId::Reference(_) => {
                let reads = self.reads_target();
                let closed = shown.or((!reads).then_some(Code::Forbidden));
                ask(closed, format!("{set}?$top=2&$expand={name}"));
            }
            PropertyId::Attribute(_) | PropertyId::Collection(_) => {}
        }
    }

    fn refusal_of_set(&self) -> Option<Code> {
        let reads = self.kind.reads(self.model.entity(self.entity));
        (!reads).then_some(Code::Forbidden)
    }

    fn reads_target(&self) -> bool {
        let entity = self.model.entity(self.entity);
        let id = entity.reference_named(&self.property.name).unwrap();
        self.kind
            .reads(self.model.entity(entity.reference(id).target))
    }
}
