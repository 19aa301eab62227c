//! Numbers that stand for parts of the model. They mean something only inside one model.

/// Declares a newtype over a small index.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(in crate::model) u16);

        impl $name {
            /// The position in its list.
            pub const fn index(self) -> usize {
                // u16 always fits: `usize::from` is not const.
                #[expect(clippy::as_conversions, reason = "widening, in a const fn")]
                { self.0 as usize }
            }
        })*
    };
}

ids! {
    /// An entity of the model.
    EntityId;
    /// An attribute, inside its entity.
    AttributeId;
    /// A reference, inside its entity.
    ReferenceId;
    /// A child collection, inside its entity.
    CollectionId;
    /// An enumeration of the model.
    EnumId;
}
