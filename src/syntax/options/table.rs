//! The system query options: their names, and where each may stand.

use crate::diag::{Code, Problem, Result, may_be_a_slip};

/// A query option that OData defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum SystemOption {
    Apply,
    Compute,
    Count,
    DeltaToken,
    Expand,
    Filter,
    Format,
    Id,
    Index,
    Levels,
    OrderBy,
    SchemaVersion,
    Search,
    Select,
    Skip,
    SkipToken,
    Top,
}

use SystemOption as O;

/// Every option and its name, in the order of the alphabet.
const NAMES: &[(SystemOption, &str)] = &[
    (O::Apply, "$apply"),
    (O::Compute, "$compute"),
    (O::Count, "$count"),
    (O::DeltaToken, "$deltatoken"),
    (O::Expand, "$expand"),
    (O::Filter, "$filter"),
    (O::Format, "$format"),
    (O::Id, "$id"),
    (O::Index, "$index"),
    (O::Levels, "$levels"),
    (O::OrderBy, "$orderby"),
    (O::SchemaVersion, "$schemaversion"),
    (O::Search, "$search"),
    (O::Select, "$select"),
    (O::Skip, "$skip"),
    (O::SkipToken, "$skiptoken"),
    (O::Top, "$top"),
];

impl SystemOption {
    /// The option of this name, in any case; also without `$` (4.01), except for the tokens, which
    /// only the service makes, and for `levels` in the query, where it may be anybody's.
    pub(super) fn find(name: &str, place: Place) -> Option<Self> {
        let bare = name.strip_prefix('$').unwrap_or(name);
        let has_dollar = bare.len() < name.len();
        let is = |row: &&(Self, &str)| {
            row.1
                .strip_prefix('$')
                .is_some_and(|known| known.eq_ignore_ascii_case(bare))
        };
        let (option, _) = *NAMES.iter().find(is)?;
        let needs_dollar = matches!(option, O::DeltaToken | O::SkipToken)
            || (option == O::Levels && place == Place::Request);
        (has_dollar || !needs_dollar).then_some(option)
    }

    /// The canonical name, with `$`.
    pub(super) fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|row| row.0 == self)
            .map_or("", |row| row.1)
    }

    /// What may stand where its value ended.
    pub(super) fn wanted_after(self) -> &'static str {
        match self {
            O::Filter => "an operator",
            O::OrderBy => "an operator, `asc`, `desc` or `,`",
            O::Expand | O::Select => "`,`, `/` or `(`",
            O::Compute => "`,`",
            O::Search => "a word",
            O::Apply => "`/` and a transformation",
            O::Count
            | O::DeltaToken
            | O::Format
            | O::Id
            | O::Index
            | O::Levels
            | O::SchemaVersion
            | O::Skip
            | O::SkipToken
            | O::Top => "the end",
        }
    }
}

/// Where options stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Place {
    /// In the query string.
    Request,
    /// `$select=A(…)`: `selectOption`.
    Select,
    /// `$expand=A(…)`: `expandOption`.
    Expand,
    /// `$expand=A/$ref(…)`: `expandRefOption`.
    ExpandRef,
    /// `$expand=A/$count(…)`: `expandCountOption`.
    ExpandCount,
    /// `$expand=*(…)`: `levels`.
    ExpandStar,
    /// `A/$count(…)` in an expression: `expandCountOption`.
    CountSegment,
}

const OF_COUNT: &[SystemOption] = &[O::Filter, O::Search];
const OF_REF: &[SystemOption] = &[O::Filter, O::Search, O::OrderBy, O::Skip, O::Top, O::Count];
const OF_SELECT: &[SystemOption] = &[
    O::Filter,
    O::Search,
    O::OrderBy,
    O::Skip,
    O::Top,
    O::Count,
    O::Compute,
    O::Select,
];
const OF_EXPAND: &[SystemOption] = &[
    O::Filter,
    O::Search,
    O::OrderBy,
    O::Skip,
    O::Top,
    O::Count,
    O::Compute,
    O::Select,
    O::Expand,
    O::Levels,
    O::Apply,
];

impl Place {
    /// What stands before the parentheses, for messages.
    fn words(self) -> &'static str {
        match self {
            Self::Request => "in the query",
            Self::Select => "inside `$select`",
            Self::Expand => "inside `$expand`",
            Self::ExpandRef => "after `/$ref`",
            Self::ExpandCount | Self::CountSegment => "after `/$count`",
            Self::ExpandStar => "after `*`",
        }
    }

    /// Whether the grammar has `option` here.
    fn takes(self, option: SystemOption) -> bool {
        match self {
            Self::Request => option != O::Levels,
            Self::Select => OF_SELECT.contains(&option),
            Self::Expand => OF_EXPAND.contains(&option),
            Self::ExpandRef => OF_REF.contains(&option),
            Self::ExpandCount | Self::CountSegment => OF_COUNT.contains(&option),
            Self::ExpandStar => option == O::Levels,
        }
    }

    /// Refuses an option that the grammar does not have here.
    pub(super) fn check(self, option: SystemOption, written: &str) -> Result<()> {
        if self.takes(option) {
            return Ok(());
        }
        let message = format!("`{written}` is not allowed {}", self.words());
        Err(Problem::new(Code::InvalidOption, message)
            .about(option.name())
            .help(self.list()))
    }

    /// Refuses an alias where the grammar has none.
    pub(super) fn check_alias(self, name: &str) -> Result<()> {
        match self {
            Self::Request | Self::Select | Self::Expand => Ok(()),
            Self::ExpandRef | Self::ExpandCount | Self::ExpandStar | Self::CountSegment => {
                let message = format!("`{name}` is not allowed {}", self.words());
                Err(Problem::new(Code::InvalidOption, message)
                    .about(name)
                    .help(self.list()))
            }
        }
    }

    /// What may stand here, for messages.
    fn list(self) -> String {
        let names = NAMES.iter().filter(|row| self.takes(row.0));
        let names: Vec<_> = names.map(|row| format!("`{}`", row.1)).collect();
        format!("allowed here: {}", names.join(", "))
    }
}

/// The problem of a name that is no option, with what was perhaps meant.
pub(super) fn unknown(name: &str, place: Place) -> Problem {
    if name.is_empty() {
        return Problem::new(Code::InvalidOption, "a query option needs a name");
    }
    let problem = Problem::new(
        Code::InvalidOption,
        format!("there is no query option `{name}`"),
    )
    .about(name);
    if !may_be_a_slip(name) {
        return problem.help(place.list());
    }
    let written = name.trim_start_matches('$').to_ascii_lowercase();
    let distance = |known: &str| strsim::osa_distance(known.trim_start_matches('$'), &written);
    let near = NAMES
        .iter()
        .filter(|row| place.takes(row.0))
        .min_by_key(|row| distance(row.1));
    match near {
        Some((_, known)) if distance(known) <= 2 => {
            problem.help(format!("did you mean `{known}`?"))
        }
        Some(_) | None => problem.help(place.list()),
    }
}
