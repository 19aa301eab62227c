//! The ways by which a query names a property, and what each has to be answered.

use userdex::diag::Code;
use userdex::model::{EntityId, Model, PropertyId, Reference};
use userdex::value::Kind as ValueKind;

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
        self.addresses(&mut all);
        self.through_base(&mut all);
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
        // What it would cost is told to administrators.
        let explains = self.kind.has_explained();
        let explained = refusal.or((!explains).then_some(Code::Forbidden));
        let address = format!("{set}?$format=plan&$filter={condition}");
        all.push(Question {
            address,
            refusal: explained,
        });
        // What has changed is asked for by the same condition; the token is nobody's.
        let refusal = refusal.or(Some(Code::InvalidDeltaToken));
        let address = format!("{set}?$filter={condition}&$deltatoken=x");
        all.push(Question { address, refusal });
        self.conditions_of_base(form, declared, all);
        self.through_references(form, declared, all);
        self.through_collections(form, declared, all);
    }

    /// The first readable set that leads here by a reference that filters may go through, or by one
    /// that stops them.
    fn referrer(&self, open: bool) -> Option<(EntityId, &Reference)> {
        let mut referrers = self.model.referrers(self.entity).iter();
        referrers.find_map(|(from, reference)| {
            let entity = self.model.entity(*from);
            let reference = entity.reference(*reference);
            let fits = (reference.owner || reference.filterable) == open;
            (fits && self.kind.reads(entity)).then_some((*from, reference))
        })
    }

    /// From the first readable set that leads here by a reference that filters may go through, and
    /// from the first whose reference stops them.
    fn through_references(&self, form: &str, declared: bool, all: &mut Vec<Question>) {
        // What ends in a key is about the reference.
        if self.property.name == "Id" {
            return;
        }
        for open in [true, false] {
            let Some((from, reference)) = self.referrer(open) else {
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
    fn through_collections(&self, form: &str, declared: bool, all: &mut Vec<Question>) {
        let condition = spell(form, "", self.property);
        let of_child = spell(form, "x/", self.property);
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
                    format!("{}?$top=2&$filter={name}/any(x:{of_child})", from.set),
                    format!("{}/$count?$filter=not {name}/all(x:{of_child})", from.set),
                    format!(
                        "{}?$top=2&$filter={name}/$count($filter={condition}) gt 1",
                        from.set
                    ),
                    format!(
                        "{}/$count?$filter={name}/$filter({condition})/$count eq 0",
                        from.set
                    ),
                    format!(
                        "{}?$top=2&$filter={name}/any(x:x/Id ne null) or not ({name}/$count($filter=$this/Id ne null and ({condition})) le 2)",
                        from.set
                    ),
                    format!(
                        "{}?$filter={name}/any(x:Id ne null and x/Id ne null or {of_child})&$format=csv",
                        from.set
                    ),
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
        ask(self.computed(), format!("{set}?$compute={name} as X"));
        ask(
            self.computed(),
            format!("{set}?$compute={name} as X&$select=X&$format=csv"),
        );
        self.groups(all);
        self.through_groups(all);
        let mut ask = |refusal, address: String| all.push(Question { address, refusal });
        match self.property.id {
            PropertyId::Reference(_) => {
                let reads = self.reads_target();
                let closed = shown.or((!reads).then_some(Code::Forbidden));
                ask(closed, format!("{set}?$top=2&$expand={name}"));
            }
            PropertyId::Attribute(_) | PropertyId::Collection(_) => {}
        }
    }

    /// Shown by what a reference that groups leads to.
    fn through_groups(&self, all: &mut Vec<Question>) {
        for open in [true, false] {
            let Some((from, reference)) = self.referrer(open) else {
                continue;
            };
            if !reference.is_dimension() {
                continue;
            }
            let (set, name) = (&self.model.entity(from).set, &reference.name);
            let is_closed = self.kind.is_closed(self.model, from, name, false);
            let refusal = match is_closed {
                true => Some(Code::AttributeNotReadable),
                false => self.refusal(true, Code::Internal),
            };
            let shown = &self.property.name;
            let address =
                format!("{set}?$apply=groupby(({name}))&expandgroup={name}($select={shown})");
            all.push(Question { address, refusal });
        }
    }

    /// The address of the property, and of one language of it.
    fn addresses(&self, all: &mut Vec<Question>) {
        let (set, name) = (self.set(), &self.property.name);
        let PropertyId::Attribute(id) = self.property.id else {
            return;
        };
        let languages: &[&str] = match self.model.entity(self.entity).attribute(id).kind {
            ValueKind::Multilanguage => &["/EN", "/EN/$value"],
            _ => &[],
        };
        for rest in ["", "/$value"].iter().chain(languages) {
            let refusal = self.refusal(true, Code::Internal);
            let address = format!("{set}({KEY})/{name}{rest}");
            all.push(Question { address, refusal });
        }
    }

    /// The base of the entity, and the type as it is named there.
    fn base(&self) -> Option<(EntityId, String)> {
        let entity = self.model.entity(self.entity);
        let base = entity.base?;
        Some((base, format!("Erp.{}/", entity.type_name)))
    }

    /// As what only rows of a derived type have, asked of their base. A filter that names a type
    /// which is hidden asks about nothing; whoever wants to see it is told.
    fn through_base(&self, all: &mut Vec<Question>) {
        let Some((base, path)) = self.base() else {
            return;
        };
        let Property { name, secret, .. } = self.property;
        let of = self.model.entity(base);
        let reads = self.kind.reads(of) && self.kind.reads(self.model.entity(self.entity));
        // What the base has too is the property of the base.
        let owner = of.property(name).map_or(self.entity, |_| base);
        let shown = if !reads {
            Some(Code::Forbidden)
        } else if self.kind.is_closed(self.model, owner, name, *secret) {
            Some(Code::AttributeNotReadable)
        } else {
            None
        };
        let mut ask = |refusal, address: String| all.push(Question { address, refusal });
        let set = &of.set;
        ask(shown, format!("{set}?$top=3&$select=Id,{path}{name}"));
        ask(shown, format!("{set}({KEY})?$select={path}{name}"));
        ask(shown, format!("{set}?$format=csv&$select={path}{name}"));
        match self.property.id {
            PropertyId::Reference(_) => {
                let closed = shown.or((!self.reads_target()).then_some(Code::Forbidden));
                ask(closed, format!("{set}?$top=2&$expand={path}{name}"));
            }
            PropertyId::Attribute(_) | PropertyId::Collection(_) => {}
        }
        // Behind a reference to the base.
        let bare = path.trim_end_matches('/');
        let parent = self.kind.is_closed(self.model, base, "ParentParty", false);
        let inner = self.kind.is_closed(self.model, self.entity, name, *secret);
        let expanded = if !self.kind.reads(of) {
            Some(Code::Forbidden)
        } else if parent {
            Some(Code::AttributeNotReadable)
        } else if !reads {
            Some(Code::Forbidden)
        } else if inner {
            Some(Code::AttributeNotReadable)
        } else {
            None
        };
        let address = format!("{set}?$top=2&$expand=ParentParty/{bare}($select={name})");
        ask(expanded, address);
    }

    /// A condition about it, asked of the base.
    fn conditions_of_base(&self, form: &str, declared: bool, all: &mut Vec<Question>) {
        let Some((base, path)) = self.base() else {
            return;
        };
        let of = self.model.entity(base);
        let refusal = match self.kind.reads(of) {
            false => Some(Code::Forbidden),
            true => self.refusal_inside(declared, Code::FilterNotDeclared),
        };
        let condition = spell(form, &path, self.property);
        let address = format!("{}?$top=3&$filter={condition}", of.set);
        all.push(Question { address, refusal });
    }

    /// Values are computed from attributes of which something is declared, texts in one language.
    fn computed(&self) -> Option<Code> {
        let Property { id, filters, .. } = self.property;
        let attribute = match id {
            PropertyId::Attribute(id) => self.model.entity(self.entity).attribute(*id),
            PropertyId::Reference(_) | PropertyId::Collection(_) => {
                return self.refusal(false, Code::NotSupported);
            }
        };
        let declared = filters.any() || attribute.orderable || attribute.name == "Id";
        self.refusal(declared, Code::FilterNotDeclared)
            .or(match attribute.kind {
                ValueKind::Multilanguage => Some(Code::TypeMismatch),
                ValueKind::Binary => Some(Code::NotSupported),
                _ => None,
            })
    }

    /// The entrances by groups and aggregates.
    fn groups(&self, all: &mut Vec<Question>) {
        let (set, property) = (self.set(), self.property);
        let name = &property.name;
        let mut ask = |refusal, address: String| all.push(Question { address, refusal });
        let of = |declared| self.refusal(declared, Code::FilterNotDeclared);
        let groups = self.groups_by(property);
        ask(of(groups), format!("{set}?$apply=groupby(({name}))"));
        let counted = format!("groupby(({name}),aggregate($count as N_))");
        ask(
            of(groups),
            format!("{set}?$apply={counted}&$top=2&$count=true"),
        );
        ask(of(groups), format!("{set}/$count?$apply={counted}"));
        ask(of(groups), format!("{set}?$apply={counted}&$format=csv"));
        let filters = property.filters;
        let extremes = filters.ge && filters.le && self.has_extremes(property);
        for method in ["min", "max"] {
            let aggregate = format!("aggregate({name} with {method} as M_)");
            ask(of(extremes), format!("{set}?$apply={aggregate}"));
            ask(
                of(extremes),
                format!("{set}?$apply=groupby((Id),{aggregate})&$top=2"),
            );
        }
        let different = format!("aggregate({name} with countdistinct as M_)");
        ask(of(groups || extremes), format!("{set}?$apply={different}"));
        let condition = spell("A eq V", "", property);
        let filtered = format!("filter({condition})/aggregate($count as N_)");
        ask(of(filters.eq), format!("{set}?$apply={filtered}"));
        let ordered = property.orderable || name == "Id";
        let order = self.refusal(ordered, Code::OrderNotDeclared);
        let first = format!("topcount(2,{name})/aggregate($count as N_)");
        ask(order, format!("{set}?$apply={first}"));
        self.groups_through_references(all);
    }

    /// Grouping by it from a set whose reference leads here.
    fn groups_through_references(&self, all: &mut Vec<Question>) {
        if self.property.name == "Id" {
            return;
        }
        for open in [true, false] {
            let Some((from, reference)) = self.referrer(open) else {
                continue;
            };
            let closed = self
                .kind
                .is_closed(self.model, from, &reference.name, false);
            let refusal = if closed {
                Some(Code::AttributeNotReadable)
            } else if open {
                let groups = self.groups_by(self.property);
                self.refusal_inside(groups, Code::FilterNotDeclared)
            } else {
                Some(Code::FilterNotDeclared)
            };
            let path = format!("{}/{}", reference.name, self.property.name);
            let set = &self.model.entity(from).set;
            let address = format!("{set}?$apply=groupby(({path}),aggregate($count as N_))");
            all.push(Question { address, refusal });
        }
    }

    /// Whether it is declared that a property groups: it declares `eq`, and has one value.
    fn groups_by(&self, property: &Property) -> bool {
        let one_value = match property.id {
            PropertyId::Attribute(id) => {
                let kind = self.model.entity(self.entity).attribute(id).kind;
                !matches!(kind, ValueKind::Multilanguage | ValueKind::Binary)
            }
            PropertyId::Reference(_) | PropertyId::Collection(_) => true,
        };
        one_value && (property.filters.eq || property.name == "Id")
    }

    /// Whether its values have a least and a greatest.
    fn has_extremes(&self, property: &Property) -> bool {
        match property.id {
            PropertyId::Attribute(id) => {
                let kind = self.model.entity(self.entity).attribute(id).kind;
                kind.integer_range().is_some() || kind == ValueKind::DateTimeOffset
            }
            PropertyId::Reference(_) | PropertyId::Collection(_) => false,
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
