//! The tables that the model asks for: one per entity, derived from it, independent of a database.

use super::{Allowed, Entity, EntityId, Model};
use crate::value::fold;

/// The position of a column in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnNo(pub(in crate::model) u16);

/// A table or view, named as in the source's database.
#[derive(Debug, Clone)]
pub struct Table {
    /// The name.
    pub name: String,
    /// The entity it belongs to.
    pub entity: EntityId,
    /// Whether it is a view.
    pub view: bool,
    /// What the view shows; nothing for tables.
    pub view_of: Option<View>,
    /// The columns: row id, key, then attributes with their shadows, references, root columns.
    pub columns: Vec<Column>,
    /// The indexes beside those of the primary key and the unique key.
    pub indexes: Vec<Index>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// Whether it may be null.
    pub nullable: bool,
    /// The number that the database puts in when a writer gives nothing.
    pub initial: Option<i64>,
}

/// What a view shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// One row for each aggregate of the whole model: see [`Model::view_cells`].
    AggregateRoots,
}

/// Where a view of aggregate roots takes one of its columns from, for one root table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViewCell {
    /// A column of the root table.
    Column(ColumnNo),
    /// The same text for every row of the table.
    Text(String),
    /// False for every row.
    False,
    /// Null for every row.
    Null,
}

/// What a column holds; each database has its own type for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnKind {
    /// The integer row id, the primary key of the table.
    RowId,
    /// The guid of the row: unique.
    Key,
    /// The guid of a row of another table (a foreign key unless the table is a view).
    Reference(EntityId),
    /// A guid that points nowhere.
    Guid,
    /// Text as given.
    Text,
    /// The shadow of a text column: folded text (of every language), written with it.
    Folded,
    /// A multi-language text: a JSON object.
    Json,
    /// An enumeration code; only these codes are allowed.
    Code(Vec<String>),
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// Microseconds since 1970 on SQLite, `timestamptz` on PostgreSQL.
    Timestamp,
    /// Bytes.
    Binary,
}

/// An index; its name is unique in the database and names the model element it serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// The name: `UX_` unique, `IX_` not, then table and columns.
    pub name: String,
    /// The columns, most significant first.
    pub columns: Vec<ColumnNo>,
    /// Whether no two rows may be equal in them. A row with a null in a column that is not in
    /// `null_is_value` is free.
    pub unique: bool,
    /// Columns of a unique index in which all nulls count as one value: "no domain" is one domain.
    pub null_is_value: Vec<ColumnNo>,
    /// The kind of index.
    pub method: IndexMethod,
}

/// The kind of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexMethod {
    /// Ordered: equality, ranges, order.
    Ordered,
    /// Serves `contains` on a folded column where the database has a method for it (PostgreSQL:
    /// trigrams; SQLite: an ordered index that covers the scan).
    Substring,
}

impl ColumnNo {
    /// The position in [`Table::columns`].
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl Table {
    /// A table without columns, to be filled by the loader.
    pub(in crate::model) fn empty(entity: EntityId, name: String, view_of: Option<View>) -> Self {
        let (columns, indexes) = (Vec::new(), Vec::new());
        Self {
            name,
            entity,
            view: view_of.is_some(),
            view_of,
            columns,
            indexes,
        }
    }

    /// The row id, always the first column. In a view it is that of the underlying row: not unique.
    pub const ROW_ID: ColumnNo = ColumnNo(0);
    /// The key, always the second column.
    pub const KEY: ColumnNo = ColumnNo(1);

    /// A column by its number.
    ///
    /// INVARIANT: numbers come from this table.
    #[expect(
        clippy::indexing_slicing,
        reason = "numbers are made with the table and are in range"
    )]
    pub fn column(&self, no: ColumnNo) -> &Column {
        &self.columns[no.index()]
    }

    /// The numbers of all columns.
    pub fn column_ids(&self) -> impl Iterator<Item = ColumnNo> {
        (0u16..).map(ColumnNo).take(self.columns.len())
    }

    /// The number of a column by its name.
    pub fn find(&self, name: &str) -> Option<ColumnNo> {
        (0u16..)
            .map(ColumnNo)
            .zip(&self.columns)
            .find(|(_, c)| c.name == name)
            .map(|(no, _)| no)
    }
}

/// In which table a property's column is, seen from its entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The entity's own table.
    Own,
    /// The table of the base entity, joined over the shared key.
    Base,
    /// The table of the aggregate root (or of the root's base), reached through the aggregate
    /// parents.
    Root,
}

/// Where a property is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// In which table.
    pub place: Place,
    /// That table's entity.
    pub table: EntityId,
    /// The column of the value.
    pub column: ColumnNo,
    /// The column of the folded text, where there is one.
    pub shadow: Option<ColumnNo>,
}

impl Model {
    /// The table of an entity.
    pub fn table(&self, entity: EntityId) -> &Table {
        &self.entity(entity).storage
    }

    /// The aggregate roots that have the root columns in a table of their own: no views, and no
    /// entity with a base (its root columns are in the table of the base). Nor those that take the
    /// scope `sec`: whoever lists all objects must not hear of them.
    pub fn object_roots(&self) -> impl Iterator<Item = (EntityId, &Entity)> {
        self.entities()
            .filter(|(id, entity)| entity.root == *id && entity.base.is_none() && !entity.view)
            .filter(|(_, entity)| entity.readers != Allowed::Sec)
    }

    /// The cells of a [`View::AggregateRoots`] for the rows of one of [`Model::object_roots`], in
    /// the order of the view's columns.
    pub fn view_cells(&self, view: EntityId, root: EntityId) -> Vec<ViewCell> {
        let table = self.table(root);
        let key = self.table(view).column(Table::KEY);
        let cell = |column: &Column| match (column.name.as_str(), &column.kind) {
            (name, _) if name == key.name || name == "Entity_Item_Id" => {
                ViewCell::Column(Table::KEY)
            }
            ("Entity_Type", _) => ViewCell::Text(self.entity(root).name.clone()),
            ("Entity_Type_folded", _) => ViewCell::Text(fold(&self.entity(root).name)),
            (name, kind) => {
                let same = table
                    .find(name)
                    .filter(|no| table.column(*no).kind == *kind);
                let missing = if *kind == ColumnKind::Boolean {
                    ViewCell::False
                } else {
                    ViewCell::Null
                };
                same.map_or(missing, ViewCell::Column)
            }
        };
        self.table(view).columns.iter().map(cell).collect()
    }
}

impl Entity {
    /// Where an attribute is stored; nothing for calculated ones.
    pub fn stored(&self, attribute: super::AttributeId) -> Option<Stored> {
        self.attribute_places
            .get(attribute.index())
            .copied()
            .flatten()
    }

    /// Where a reference is stored.
    ///
    /// INVARIANT: ids come from this entity.
    #[expect(
        clippy::indexing_slicing,
        reason = "ids are made by the loader and are in range"
    )]
    pub fn stored_reference(&self, reference: super::ReferenceId) -> Stored {
        self.reference_places[reference.index()]
    }
}
