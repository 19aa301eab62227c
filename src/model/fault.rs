//! Faults of metadata files: what is wrong and where.

use std::fmt;

use crate::diag::{Code, Problem};

/// One fault of a metadata file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The name of the file, without folders.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What would be accepted.
    pub help: Option<String>,
}

impl Fault {
    /// One problem that carries every fault; nothing for an empty list.
    pub fn problem(faults: Vec<Self>) -> Option<Problem> {
        Problem::all(faults.into_iter().map(Problem::from).collect())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            self.file, self.line, self.column, self.message
        )?;
        self.help.iter().try_for_each(|help| write!(f, "; {help}"))
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let place = format!("{}:{}:{}", fault.file, fault.line, fault.column);
        let problem =
            Self::new(Code::ModelFault, format!("{place}: {}", fault.message)).about(place);
        match fault.help {
            Some(help) => problem.help(help),
            None => problem,
        }
    }
}
