//! What a check-up looks at.

use super::Session;
use super::read::Runs as _;
use super::sign_in::{Account, Accounts, as_text, column};
use crate::diag::Result;
use crate::model::ColumnKind;
use crate::sql::OwnTable;

impl Session {
    /// The accounts of active users whom a mark or a group makes administrators.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn administrators(&mut self) -> Result<Vec<Account>> {
        let mut found = Accounts::default();
        self.each(&OwnTable::administrators(), &mut found)?;
        Ok(found.0)
    }

    /// The logins of users whose password is kept as MD5.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn md5_logins(&mut self) -> Result<Vec<String>> {
        self.texts(&OwnTable::md5_logins())
    }

    /// The addresses of applications that may have the scope `sec`.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn sec_applications(&mut self) -> Result<Vec<String>> {
        self.texts(&OwnTable::sec_applications())
    }

    /// The addresses of applications whose secret is kept as a bare hash.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn bare_secrets(&mut self) -> Result<Vec<String>> {
        self.texts(&OwnTable::bare_secrets())
    }

    fn texts(&mut self, statement: &OwnTable) -> Result<Vec<String>> {
        let values = column(self, statement, &ColumnKind::Text)?;
        Ok(values.into_iter().filter_map(as_text).collect())
    }
}
