//! Which attributes and references group, and which are aggregated (`docs/metadata.md`, *Groups*).

use super::{Attribute, AttributeRole, Reference};
use crate::value::Kind;

impl Attribute {
    /// Whether values of a kind can make groups.
    pub const fn can_group(kind: Kind) -> bool {
        match kind {
            Kind::Guid
            | Kind::String
            | Kind::Boolean
            | Kind::Byte
            | Kind::Int16
            | Kind::Int32
            | Kind::Int64
            | Kind::DateTimeOffset
            | Kind::Enumeration => true,
            // A text in several languages has no one value.
            Kind::Binary | Kind::Multilanguage => false,
        }
    }

    /// Whether values of a kind have a least, a greatest and perhaps a sum.
    pub const fn can_aggregate(kind: Kind) -> bool {
        match kind {
            Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::DateTimeOffset => true,
            Kind::Guid
            | Kind::String
            | Kind::Boolean
            | Kind::Enumeration
            | Kind::Binary
            | Kind::Multilanguage => false,
        }
    }

    /// Whether it groups: its filters tell single values already, or it says so.
    pub fn is_dimension(&self) -> bool {
        let told = self.filters.eq || self.role == AttributeRole::Key;
        !self.secret && Self::can_group(self.kind) && (told || self.dimension)
    }

    /// Whether it is aggregated: its filters tell ranges from both sides already, or it says so.
    pub fn is_measure(&self) -> bool {
        let told = self.filters.ge && self.filters.le;
        !self.secret && Self::can_aggregate(self.kind) && (told || self.measure)
    }
}

impl Reference {
    /// Whether it groups; children that refer to the same object by it may be counted in filters then.
    pub const fn is_dimension(&self) -> bool {
        self.filters.eq
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Filters, Model};

    #[test]
    fn the_declared_filters_say_what_groups() {
        let model = Model::shipped().unwrap();
        let users = model.entity(model.set("Systems_Security_Users").unwrap());
        let named = |is: fn(&Attribute) -> bool| -> Vec<&str> {
            let attributes = users.attributes.iter().filter(|a| is(a));
            attributes.map(|a| a.name.as_str()).collect()
        };
        assert_eq!(
            named(Attribute::is_measure),
            ["AccessFailedCount", "CreationTimeUtc", "LockoutEndUtc"]
        );
        let groups = named(Attribute::is_dimension);
        for name in ["Id", "UserType", "Login", "Active", "LockoutEndUtc"] {
            assert!(groups.contains(&name), "{name}");
        }
        for name in [
            "Name",
            "Notes",
            "CreationTimeUtc",
            "Password",
            "DisplayText",
        ] {
            assert!(!groups.contains(&name), "{name}");
        }
        // A declaration opens what no filter does, but nothing that is secret.
        let notes = users.attributes.iter().find(|a| a.name == "Notes");
        let mut notes = notes.unwrap().clone();
        assert_eq!(notes.filters, Filters::NONE);
        notes.dimension = true;
        assert!(notes.is_dimension() && !notes.is_measure());
        notes.secret = true;
        assert!(!notes.is_dimension());
    }
}
