//! The trees that the parser builds: OData's terms, no model, no types.

mod apply;

use std::sync::Arc;

use uuid::Uuid;

use crate::diag::At;

pub use apply::{
    AggregateFrom, AggregateItem, AggregateOf, GroupKey, Pick, Pipeline, Transformation,
};

/// A possibly qualified name: `Login`, `Erp.Systems_Security_User`, `Ext.SetPassword`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    /// The namespace, without the last dot; empty for a simple name.
    pub namespace: String,
    /// The last part.
    pub name: String,
}

/// An expression with its place.
pub type Node = At<Expr>;

/// `commonExpr` and `boolCommonExpr` of the ABNF in one untyped language; the binder types it.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A literal.
    Literal(Literal),
    /// `@p`: a parameter alias.
    Alias(String),
    /// A path to a value, an entity or a collection.
    Path(Path),
    /// A function that is not bound to a path: `contains(Login,'x')`, `now()`, `cast(A,Edm.Int64)`.
    /// Type arguments are paths of one qualified name.
    Call {
        /// The function.
        name: At<Name>,
        /// The arguments.
        arguments: Vec<Argument>,
    },
    /// `not x`, `-x`.
    Unary {
        /// The operator.
        operator: UnaryOperator,
        /// What it applies to.
        operand: Box<Node>,
    },
    /// A chain of `and`, or a chain of `or`: two operands or more, never nested in its own kind
    /// unless parentheses said so.
    Logical {
        /// The operator between the operands.
        operator: LogicalOperator,
        /// The operands.
        operands: Vec<Node>,
    },
    /// A comparison or an arithmetic operation.
    Binary {
        /// The operator and its place.
        operator: At<BinaryOperator>,
        /// The left operand.
        left: Box<Node>,
        /// The right operand.
        right: Box<Node>,
    },
    /// `x in (1,2)`, `x in Path`, `x in @p`, `x in [1,2]`.
    In {
        /// What is looked for.
        left: Box<Node>,
        /// A [`Expr::List`], a path, an alias or a JSON array.
        list: Box<Node>,
    },
    /// `(1,2,3)`, also `()`; also `[…]` where an item is more than JSON: `['a',Name]`.
    List(Vec<Node>),
    /// `{…}` or `[…]` that is JSON throughout.
    Json(serde_json::Value),
    /// `{…}` where a value is more than JSON: `{"Name":Person/Name}`.
    Object(Vec<(String, Node)>),
    /// `case(x gt 0:1,true:0)`.
    Case(Vec<(Node, Node)>),
}

/// Where a path starts, when not at the current instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// The instance at hand, a lambda variable included: the first step names a property or it.
    Implicit,
    /// `$it`.
    It,
    /// `$this`.
    This,
    /// `$root`.
    Root,
    /// `$these`: the rows that a transformation of `$apply` is about.
    These,
}

/// A path inside an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Where it starts.
    pub head: Head,
    /// What it goes through; empty only after `$it` and `$this`.
    pub steps: Vec<At<Step>>,
}

/// One step of a path inside an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A property, a lambda variable, a type cast (qualified), an entity set after `$root`.
    Name(Name),
    /// `(…)` after an entity set or a collection: a key predicate.
    Key(Parens),
    /// A function bound to what comes before, with named arguments: `Ext.Foo(a=1)`; also a compound
    /// key, since the parser cannot tell `Lines(Order=1,No=2)` from a function.
    Call {
        /// The function.
        name: Name,
        /// The arguments.
        arguments: Vec<Argument>,
    },
    /// `/$count`, with the options in parentheses that 4.01 allows: `$count($filter=…;$search=…)`.
    Count(Option<Box<QueryOptions>>),
    /// `/any(x:…)`, `/any()`.
    Any(Option<Box<Lambda>>),
    /// `/all(x:…)`.
    All(Box<Lambda>),
    /// `/$filter(…)`.
    Filter(Box<Node>),
    /// `/@Namespace.Term` or `/@Term`: an annotation. A qualifier stays in the name: `Term#Q`. As
    /// the first step of an implicit path an unqualified one may also be a parameter alias:
    /// `@a/Name`.
    Annotation(Name),
}

/// The inside of `any` and `all`.
#[derive(Debug, Clone, PartialEq)]
pub struct Lambda {
    /// The range variable.
    pub variable: At<String>,
    /// The condition.
    pub condition: Node,
}

/// An argument of a call: positional for built-in functions, named for others.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// The parameter's name, where the call names it.
    pub name: Option<At<String>>,
    /// The value.
    pub value: Node,
}

/// Operators with one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `not`.
    Not,
    /// `-`.
    Negate,
}

/// Operators that chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogicalOperator {
    /// `and`.
    And,
    /// `or`.
    Or,
}

/// Operators with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its own word in OData")]
pub enum BinaryOperator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
    Has,
    Add,
    Sub,
    Mul,
    Div,
    DivBy,
    Mod,
}

impl BinaryOperator {
    /// The word in the query.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
            Self::Has => "has",
            Self::Add => "add",
            Self::Sub => "sub",
            Self::Mul => "mul",
            Self::Div => "div",
            Self::DivBy => "divby",
            Self::Mod => "mod",
        }
    }
}

/// A literal, read but not typed: the binder knows what it must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`.
    Null,
    /// `true`, `false`.
    Boolean(bool),
    /// Digits with an optional sign, as written.
    Integer(String),
    /// Digits with a fraction or an exponent, `INF`, `-INF`, `NaN`, as written.
    Decimal(String),
    /// `'…'`, with the quotes taken off and `''` read as `'`.
    String(String),
    /// A bare guid.
    Guid(Uuid),
    /// `2026-11-20`, as written.
    Date(String),
    /// `2026-11-20T21:21:42Z`, as written.
    DateTimeOffset(String),
    /// `21:21:42.5`, as written.
    TimeOfDay(String),
    /// `duration'P1DT2H'` or, 4.01, the quoted part alone where the grammar allows it; the part
    /// inside the quotes.
    Duration(String),
    /// `binary'…'`: the base64url text inside the quotes.
    Binary(String),
    /// `Namespace.Type'Member'`.
    Enum {
        /// The type.
        type_name: Name,
        /// The text inside the quotes.
        members: String,
    },
    /// `geography'…'`, `geometry'…'`, as written.
    Geo(String),
}

/// What stands in parentheses after a resource path segment.
#[derive(Debug, Clone, PartialEq)]
pub enum Parens {
    /// `()`.
    Empty,
    /// `(value)`: a simple key.
    Key(Node),
    /// `(A=1,B=2)`: a compound key, an alternate key, or parameters; the binder knows which.
    Named(Vec<(At<String>, Node)>),
}

/// A resource path: what stands between the service root and `?`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResourcePath {
    /// The segments; empty for the service root.
    pub segments: Vec<At<Segment>>,
}

/// One segment of a resource path. Slashes separate; `(…)` belongs to the segment before it.
#[derive(Debug, Clone, PartialEq)]
pub enum Segment {
    /// An entity set, singleton, property, type cast or operation; also, since the parser knows no
    /// model, a key-as-segment that looks like a name.
    Name {
        /// The name.
        name: Name,
        /// What stands in parentheses after it.
        parens: Option<Parens>,
    },
    /// A key predicate of its own, after `F(a=1)` or `$filter(…)`: `F(a=1)(2)`.
    Key(Parens),
    /// Text that is no name: only a key-as-segment can be meant. Decoded.
    Text(String),
    /// `$count`.
    Count,
    /// `$value`.
    Value,
    /// `$ref`; with a key, or `$id` in the query, for collections.
    Ref,
    /// `$each`.
    Each,
    /// `$filter(expression)`.
    Filter(Node),
    /// `$query`.
    Query,
    /// `$metadata`.
    Metadata,
    /// `$batch`.
    Batch,
    /// `$entity`, with a cast as the next segment.
    Entity,
    /// `$all`.
    All,
    /// `$crossjoin(A,B)`.
    CrossJoin(Vec<At<Name>>),
    /// `$root`-less content id reference `$1` (only inside batches).
    ContentId(String),
}

/// One system query option: its decoded text, for messages, and what it says.
#[derive(Debug, Clone)]
pub struct Opt<T> {
    /// The decoded text that spans point into. Inside `$expand(…)` the text of the outer option.
    /// Shared: nested options point into the same text.
    pub text: Arc<str>,
    /// What was read.
    pub value: T,
}

impl<T: PartialEq> PartialEq for Opt<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// The query options of a request or of one nested item.
///
/// In nested options every [`Opt::text`] is the text of the outermost option, since spans point
/// into that.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QueryOptions {
    /// `$filter`.
    pub filter: Option<Opt<Node>>,
    /// `$orderby`.
    pub orderby: Option<Opt<Vec<OrderItem>>>,
    /// `$select`.
    pub select: Option<Opt<Vec<At<SelectItem>>>>,
    /// `$expand`.
    pub expand: Option<Opt<Vec<At<ExpandItem>>>>,
    /// `$search`.
    pub search: Option<Opt<At<SearchExpr>>>,
    /// `$compute`.
    pub compute: Option<Opt<Vec<ComputeItem>>>,
    /// `$apply`.
    pub apply: Option<Opt<Pipeline>>,
    /// `$top`.
    pub top: Option<Opt<At<u64>>>,
    /// `$skip`.
    pub skip: Option<Opt<At<u64>>>,
    /// `$count`.
    pub count: Option<Opt<At<bool>>>,
    /// `$skiptoken`.
    pub skiptoken: Option<Opt<At<String>>>,
    /// `$deltatoken`.
    pub deltatoken: Option<Opt<At<String>>>,
    /// `$format`.
    pub format: Option<Opt<At<String>>>,
    /// `$index`.
    pub index: Option<Opt<At<i64>>>,
    /// `$levels`, in nested options.
    pub levels: Option<Opt<At<Levels>>>,
    /// `$schemaversion`.
    pub schemaversion: Option<Opt<At<String>>>,
    /// `$id`, for references.
    pub id: Option<Opt<At<String>>>,
    /// `expandgroup`: what the references that `$apply` groups by lead to. It is of the Domain API
    /// and no system query option, and its value has the grammar of `$expand`.
    pub expandgroup: Option<Opt<Vec<At<ExpandItem>>>>,
    /// `@p=…`: parameter aliases and their values.
    pub aliases: Vec<(String, Opt<Node>)>,
    /// `options=…` and other names without `$` that are no system query option, decoded, in the
    /// order of the query.
    pub custom: Vec<(String, String)>,
}

impl QueryOptions {
    /// The aliases alone, which the path may name.
    #[must_use]
    pub fn aliases_only(&self) -> Self {
        Self {
            aliases: self.aliases.clone(),
            ..Self::default()
        }
    }
}

/// One item of `$orderby`.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderItem {
    /// What to order by.
    pub expression: Node,
    /// `desc`.
    pub descending: bool,
}

/// One item of `$select`.
#[derive(Debug, Clone, PartialEq)]
pub enum SelectItem {
    /// `*`.
    Star,
    /// `default`: the vendor's keyword for the default attributes.
    Default,
    /// `Namespace.*`: all operations of a namespace.
    Operations(String),
    /// A function with its overload told by parameter names: `Ns.Rank(Year,Kind)`.
    Function {
        /// The path that ends with the function.
        steps: Vec<At<Name>>,
        /// The names of its parameters.
        parameters: Vec<At<String>>,
    },
    /// A path of names and casts, with 4.01's nested options. An annotation keeps its `@`, at the
    /// front of the namespace or, unqualified, of the name.
    Path {
        /// The names.
        steps: Vec<At<Name>>,
        /// What stands in parentheses.
        options: Option<Box<QueryOptions>>,
    },
}

/// One item of `$expand`.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpandItem {
    /// What to expand.
    pub target: ExpandTarget,
    /// `/$ref`, `/$count` after it.
    pub suffix: ExpandSuffix,
    /// What stands in parentheses.
    pub options: Option<Box<QueryOptions>>,
}

/// What one item of `$expand` names.
#[derive(Debug, Clone, PartialEq)]
pub enum ExpandTarget {
    /// `*`: every reference and collection.
    Star,
    /// `$value`: the stream of a media entity.
    Value,
    /// A path of names and casts; the last name is the navigation property.
    Path(Vec<At<Name>>),
}

/// What follows the path of one item of `$expand`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpandSuffix {
    /// Nothing: the entities.
    None,
    /// `/$ref`: links only.
    Ref,
    /// `/$count`: the number only.
    Count,
}

/// One item of `$compute`.
#[derive(Debug, Clone, PartialEq)]
pub struct ComputeItem {
    /// What to compute.
    pub expression: Node,
    /// The name after `as`.
    pub name: At<String>,
}

/// The value of `$levels`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Levels {
    /// A number.
    Number(u64),
    /// `max`.
    Max,
}

/// `$search`.
#[derive(Debug, Clone, PartialEq)]
pub enum SearchExpr {
    /// A word.
    Word(String),
    /// A quoted phrase, quotes taken off.
    Phrase(String),
    /// `NOT x`.
    Not(Box<At<SearchExpr>>),
    /// `x AND y`, `x y`.
    And(Vec<At<SearchExpr>>),
    /// `x OR y`.
    Or(Vec<At<SearchExpr>>),
}

/// A whole request address below the service root.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// The decoded path, for messages.
    pub path_text: String,
    /// The resource path.
    pub path: ResourcePath,
    /// The query options.
    pub options: QueryOptions,
}
