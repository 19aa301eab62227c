//! Domains, AI models, and the company that users work in.

use uuid::Uuid;

use crate::diag::Result;
use crate::model::Model;
use crate::value::Value;

use super::rights::{START, languages, make_rows, text};
use super::{Batch, Dice};

/// What users belong to.
#[derive(Debug)]
pub(super) struct Organisation {
    /// The sign-in domains.
    pub(super) domains: Vec<Uuid>,
    /// The AI models.
    pub(super) models: Vec<Uuid>,
    /// The company of internal users.
    pub(super) company: Uuid,
    /// The number of the next party code.
    pub(super) next_party: u64,
}

/// Makes two domains, two AI models, and a company with a division, a location and the enterprise
/// company that stands for it.
pub(super) fn make<'m>(
    model: &'m Model,
    dice: &mut Dice,
    save: &mut impl FnMut(Batch<'m>) -> Result<()>,
) -> Result<Organisation> {
    let domains = make_domains(model, dice, save)?;
    let models = make_models(model, dice, save)?;
    let company = make_company(model, dice, save)?;
    Ok(Organisation {
        domains,
        models,
        company,
        next_party: 4,
    })
}

fn make_domains<'m>(
    model: &'m Model,
    dice: &mut Dice,
    save: &mut impl FnMut(Batch<'m>) -> Result<()>,
) -> Result<Vec<Uuid>> {
    let rows = [
        ("corp.example", "Employees", "Служители", true),
        ("partners.example", "Partners", "Партньори", false),
    ]
    .map(|(name, en, bg, first)| {
        let (first, local) = (Value::Boolean(first), Value::Boolean(true));
        vec![text(name), languages(en, bg), first, local]
    });
    let names = ["Name", "Description", "IsDefault", "AllowLocalAccounts"];
    make_rows(
        model,
        dice,
        save,
        ("Systems_Security_Domains", &names),
        rows,
    )
}

fn make_models<'m>(
    model: &'m Model,
    dice: &mut Dice,
    save: &mut impl FnMut(Batch<'m>) -> Result<()>,
) -> Result<Vec<Uuid>> {
    let rows = [
        ("Assistant", "Помощник", true),
        ("Translator", "Преводач", false),
    ]
    .map(|(en, bg, first)| vec![languages(en, bg), Value::Boolean(first)]);
    make_rows(
        model,
        dice,
        save,
        ("Projects_AI_Models", &["Name", "IsDefault"]),
        rows,
    )
}

fn make_company<'m>(
    model: &'m Model,
    dice: &mut Dice,
    save: &mut impl FnMut(Batch<'m>) -> Result<()>,
) -> Result<Uuid> {
    let [company, division, location, enterprise] = std::array::from_fn(|_| dice.guid(START));
    let names = [
        "Id",
        "PartyCode",
        "PartyName",
        "PartyType",
        "PartyUniqueNumber",
    ];
    let mut parties = Batch::new(model, "General_Contacts_Parties", &names)?;
    let own = ["Id", "CompanyName", "RegistrationNumber"];
    let mut companies = Batch::new(model, "General_Contacts_Companies", &own)?;
    let own = ["Id", "DivisionName", "Company"];
    let mut divisions = Batch::new(model, "General_Contacts_CompanyDivisions", &own)?;
    let own = ["Id", "LocationName", "Company"];
    let mut locations = Batch::new(model, "General_Contacts_CompanyLocations", &own)?;
    let own = ["Id", "Company"];
    let mut enterprises = Batch::new(model, "General_EnterpriseCompanies", &own)?;

    let name = languages("Example Ltd", "Пример ООД");
    let id = Value::Guid;
    let number = text("200000001");
    parties.push(vec![
        id(company),
        text("00001"),
        name.clone(),
        text("C"),
        number.clone(),
    ]);
    companies.push(vec![id(company), name, number]);
    let name = languages("Head office", "Централен офис");
    parties.push(vec![
        id(division),
        text("00002"),
        name.clone(),
        text("V"),
        Value::Null,
    ]);
    divisions.push(vec![id(division), name, id(company)]);
    let name = languages("Sofia", "София");
    parties.push(vec![
        id(location),
        text("00003"),
        name.clone(),
        text("L"),
        Value::Null,
    ]);
    locations.push(vec![id(location), name, id(company)]);
    enterprises.push(vec![id(enterprise), id(company)]);

    save(parties)?;
    save(companies)?;
    save(divisions)?;
    save(locations)?;
    save(enterprises)?;
    Ok(company)
}
