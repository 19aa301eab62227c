//! The words that names are made of.

/// First names, Latin and Cyrillic.
pub(super) const FIRST: &[(&str, &str)] = &[
    ("Ivan", "Иван"),
    ("Maria", "Мария"),
    ("Georgi", "Георги"),
    ("Elena", "Елена"),
    ("Petar", "Петър"),
    ("Anna", "Анна"),
    ("Dimitar", "Димитър"),
    ("Sofia", "София"),
    ("Nikolay", "Николай"),
    ("Viktoria", "Виктория"),
    ("Stefan", "Стефан"),
    ("Kalina", "Калина"),
    ("Boris", "Борис"),
    ("Rada", "Рада"),
    ("Todor", "Тодор"),
    ("Yana", "Яна"),
    ("Hristo", "Христо"),
    ("Milena", "Милена"),
    ("Andrey", "Андрей"),
    ("Desislava", "Десислава"),
    ("John", "Джон"),
    ("Emma", "Ема"),
    ("Lukas", "Лукас"),
    ("Zoë", "Зое"),
    ("Pierre", "Пиер"),
    ("Chloé", "Хлое"),
    ("Marco", "Марко"),
    ("Jürgen", "Юрген"),
    ("Omar", "Омар"),
    ("Priya", "Прия"),
];

/// Last names, Latin and Cyrillic.
pub(super) const LAST: &[(&str, &str)] = &[
    ("Petrov", "Петров"),
    ("Ivanova", "Иванова"),
    ("Georgiev", "Георгиев"),
    ("Dimitrova", "Димитрова"),
    ("Nikolov", "Николов"),
    ("Stoyanova", "Стоянова"),
    ("Todorov", "Тодоров"),
    ("Ilieva", "Илиева"),
    ("Hristov", "Христов"),
    ("Marinova", "Маринова"),
    ("Smith", "Смит"),
    ("O'Brien", "О'Брайън"),
    ("Müller", "Мюлер"),
    ("Schmidt", "Шмит"),
    ("Dubois", "Дюбоа"),
    ("Moreau", "Моро"),
    ("Rossi", "Роси"),
    ("Kowalski", "Ковалски"),
    ("Hassan", "Хасан"),
    ("Chen", "Чен"),
    ("Kumar", "Кумар"),
    ("García", "Гарсия"),
    ("Larsson", "Ларсон"),
    ("Novák", "Новак"),
    ("Popescu", "Попеску"),
    ("Szabó", "Сабо"),
    ("Silva", "Силва"),
    ("Tanaka", "Танака"),
    ("Straße", "Щрасе"),
    ("Berg", "Берг"),
];

/// Groups, English and Bulgarian; the first two are the system's own.
pub(super) const GROUPS: &[(&str, &str)] = &[
    ("Administrators", "Администратори"),
    ("Everybody", "Всички"),
    ("Sales", "Продажби"),
    ("Purchasing", "Доставки"),
    ("Warehouse", "Склад"),
    ("Accounting", "Счетоводство"),
    ("Payroll", "Заплати"),
    ("Marketing", "Маркетинг"),
    ("Support", "Поддръжка"),
    ("Development", "Разработка"),
    ("Quality", "Качество"),
    ("Logistics", "Логистика"),
    ("Legal", "Правен отдел"),
    ("Facilities", "Сграден фонд"),
    ("Management", "Управление"),
    ("Auditors", "Одитори"),
    ("Partners", "Партньори"),
    ("Trainees", "Стажанти"),
    ("Contractors", "Изпълнители"),
    ("Integrations", "Интеграции"),
];

/// Roles.
pub(super) const ROLES: &[&str] = &[
    "Directory reader",
    "Sales agent",
    "Sales manager",
    "Buyer",
    "Storekeeper",
    "Accountant",
    "Support agent",
    "Developer",
    "Auditor",
    "Director",
];

/// Companies that users claim to work in.
pub(super) const COMPANIES: &[&str] = &[
    "Acme Ltd",
    "Globex",
    "Initech",
    "Umbrella AD",
    "Contoso",
    "Fabrikam",
    "Wayne EOOD",
];

/// Notes of users.
pub(super) const NOTES: &[&str] = &[
    "Created during the migration from the old system.",
    "Asked for access to the \"reports\" module.",
    "Temporary account; review at the end of the year.",
    "Външен консултант — договор до края на годината.",
];

/// Languages; most users have none.
pub(super) const LANGUAGES: &[&str] = &["en", "bg", "de", "fr", "it", "es", "pl"];
