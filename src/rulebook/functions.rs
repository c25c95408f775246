//! The functions rules may call, one row each. Their code stands in `check/functions.rs`; a test
//! holds the two together.

/// A function offered to rules.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Arguments and result, for people.
    pub signature: &'static str,
    /// What it does.
    pub doc: &'static str,
}

impl Function {
    /// The names of its arguments, as its signature says.
    pub fn parameters(&self) -> impl Iterator<Item = &'static str> {
        let inside = self.signature.split(['(', ')']).nth(1).unwrap_or_default();
        inside.split(',').map(str::trim).filter(|name| !name.is_empty())
    }

    /// How many arguments it takes.
    #[must_use]
    pub fn arguments(&self) -> usize {
        self.parameters().count()
    }
}

const fn row(name: &'static str, signature: &'static str, doc: &'static str) -> Function {
    Function { name, signature, doc }
}

/// Which documents a function looks at where its arguments do not say so, for people.
pub const READS: &[(&str, &[&str])] = &[
    ("accepted", &["vat_invoice"]),
    ("audited", &["audit_report"]),
    ("unsupported", &["audit_report", "vat_invoice"]),
    ("unsupported_lines", &["audit_report", "vat_invoice"]),
    ("lines_without_number", &["audit_report", "vat_invoice"]),
    ("doubled_invoices", &["vat_invoice"]),
    ("longest_run", &["cloud_bill"]),
    ("used_until", &["cloud_bill", "cloud_contract"]),
    ("billed_until", &["cloud_bill"]),
    ("is_billed", &["cloud_bill"]),
    ("contract_covers", &["cloud_contract"]),
    ("paid", &["bank_receipt", "cloud_bill"]),
    ("short_services", &["cloud_bill"]),
    ("cash_billed", &["cloud_bill"]),
    ("level_proven", &["recognition", "recognition_list"]),
    ("level_announced", &["recognition_list"]),
];

/// All of them.
pub const FUNCTIONS: &[Function] = &[
    row("yuan", "yuan(decimal) -> money", "An amount in yuan from a plain decimal."),
    row("date", "date(day) -> date", "A date from its ISO form."),
    row("add_years", "add_years(date, years) -> date", "The corresponding day, 民法典 §202."),
    row("add_months", "add_months(date, months) -> date", "The corresponding day, 民法典 §202."),
    row("add_days", "add_days(date, days) -> date", "So many days later."),
    row("three_years_to", "three_years_to(date) -> period", "The three years that end with the day."),
    row("first_day", "first_day(period) -> date", "The first day of a period."),
    row("last_day", "last_day(period) -> date", "The last day of a period."),
    row("inside", "inside(date, period) -> bool", "Whether the day lies in the period, both ends included."),
    row("lies_within", "lies_within(from, to, period) -> bool", "Whether both days lie in the period."),
    row("number_of", "number_of(text) -> int", "The number a text such as `3` or `三` is."),
    row("uscc_valid", "uscc_valid(code) -> bool", "Whether the check character is right, GB 32100-2015."),
    row(
        "in_jiangsu",
        "in_jiangsu(case, address) -> text",
        "`yes`, `no` or `unknown`, by the list of cities and counties.",
    ),
    row(
        "in_region",
        "in_region(code, region) -> bool",
        "Whether a credit code was first given out in the region, by its third and fourth character.",
    ),
    row(
        "same_name",
        "same_name(name, name) -> bool",
        "Equal after NFKC, without spaces and brackets' widths.",
    ),
    row(
        "party",
        "party(case, name, code) -> text",
        "`same`, `former`, `unsure` or `differs` from the applicant; an empty code is none.",
    ),
    row(
        "text_or",
        "text_or(record, field, text) -> text",
        "A field's text, or the given one where it is not there.",
    ),
    row("present", "present(case, type) -> bool", "Whether a document of the type was supplied."),
    row(
        "attached",
        "attached(case, kind) -> bool",
        "Whether the declaration lists an attachment of the kind; such a list proves nothing.",
    ),
    row(
        "unread",
        "unread(record, field) -> bool",
        "Whether the field is there and could not be read; `has` is false for it.",
    ),
    row(
        "computed",
        "computed(record, field) -> bool",
        "Whether the field was not printed but computed from a term of years: it, or the day before, is meant.",
    ),
    row(
        "shared",
        "shared(case, shared) -> list",
        "Documents of the type (or the `declaration`, or what an identity calls by a name of its own, or a `picture`, `wording` or `schedule`) that other applications use, too, once for each of these: `other` has its `application`, `same_call`, `applicant`, `uscc`, `name`, `place`, what it shows, and `differing`, the fields in which it shows something else.",
    ),
    row(
        "used_elsewhere",
        "used_elsewhere(record, field) -> explanation",
        "A document of `shared` as one item, with the amount of that field.",
    ),
    row("papers", "papers(case, type) -> list", "All documents of the type."),
    row("all_papers", "all_papers(case) -> list", "All documents, also those of no known type."),
    row(
        "own_papers",
        "own_papers(case, type, holder) -> list",
        "Those that name the applicant in that field, by name or code; all of the type where none does.",
    ),
    row(
        "latest",
        "latest(case, type, field) -> record",
        "The document of the type whose date in the field is latest.",
    ),
    row(
        "latest_own",
        "latest_own(case, type, field, holder) -> record",
        "The same, preferring documents whose holder, by that field, is the applicant.",
    ),
    row(
        "tier",
        "tier(case, table, value) -> record",
        "What the row of the tiers gives that the value lies in; a record without fields where it lies in none.",
    ),
    row(
        "summed",
        "summed(list, field) -> money",
        "The sum of an amount over records; nothing comes to nought.",
    ),
    row("times", "times(money, share) -> money", "The amount times a share or a whole number, unrounded."),
    row(
        "agree",
        "agree(money, money) -> bool",
        "Whether the two agree within the precision they are printed in.",
    ),
    row(
        "truncated",
        "truncated(money, money) -> bool",
        "Whether the first is the second with its further digits cut off instead of rounded.",
    ),
    row(
        "off_by_unit",
        "off_by_unit(money, money) -> bool",
        "Whether one is about a thousand or ten thousand times the other: 元, 千元 or 万元 confused.",
    ),
    row(
        "sums_to",
        "sums_to(list, money) -> bool",
        "Whether the amounts add up to the total within printed precision.",
    ),
    row(
        "words_differ",
        "words_differ(record, words, figures) -> bool",
        "Whether the field with the amount in words says another amount than the field with the figures.",
    ),
    row(
        "audited",
        "audited(case, window, basis) -> money",
        "What the audit report counts in the window, `excl` or `incl` tax.",
    ),
    row(
        "accepted",
        "accepted(case, window, basis) -> money",
        "Invoices to the applicant in the window, each number once, red letters netted.",
    ),
    row(
        "invoices_apart",
        "invoices_apart(case, window, basis) -> items",
        "What `accepted` leaves out or nets, and audited lines without an invoice; for `explanation`.",
    ),
    row(
        "invoices_unlisted",
        "invoices_unlisted(case, basis) -> items",
        "Declared invoices the audit does not list, and the other way round, other amounts, categories and basis of tax; for `explanation`.",
    ),
    row(
        "unsupported",
        "unsupported(case, window, basis) -> money",
        "Audited lines for which no invoice was supplied.",
    ),
    row(
        "lines_without_number",
        "lines_without_number(case) -> int",
        "How many audited lines without an invoice bear no number that an invoice of this country has.",
    ),
    row("unsupported_lines", "unsupported_lines(case) -> int", "How many audited lines have no invoice."),
    row(
        "lines_differ",
        "lines_differ(case, basis) -> int",
        "How many audited lines bear the number of an invoice of another amount.",
    ),
    row(
        "audited_categories_apart",
        "audited_categories_apart(case, basis) -> items",
        "How the audit's categories differ from its own lines in them; for `explanation`.",
    ),
    row(
        "declared_invoices",
        "declared_invoices(case) -> list",
        "The declared invoices, each with `supplied` and, if it is, `paper`: the invoice handed in for it.",
    ),
    row(
        "doubled_invoices",
        "doubled_invoices(case) -> int",
        "How many invoices were supplied, or audited, more than once.",
    ),
    row(
        "longest_run",
        "longest_run(case, service, window, months) -> record",
        "The longest continuous use: from, to, gap (days bridged), monthly, earlier (a later one falls short of the months).",
    ),
    row(
        "used_until",
        "used_until(case, service) -> date",
        "The last day for which use of the service is billed.",
    ),
    row(
        "is_long_enough",
        "is_long_enough(run, months) -> bool",
        "Whether the run is that long, its first day counted.",
    ),
    row(
        "billed_until",
        "billed_until(case, service) -> date",
        "The last day the bill with this service covers.",
    ),
    row(
        "paid",
        "paid(case, window, months) -> money",
        "What the applicant paid in the window, without services used for less than the months.",
    ),
    row(
        "cash_billed",
        "cash_billed(case, window) -> money",
        "The cash column of the bills in the window: what was used up, where payments are recharges.",
    ),
    row(
        "payments_apart",
        "payments_apart(case, window, months) -> items",
        "What `paid` leaves out or nets; for `explanation`.",
    ),
    row(
        "paid_source",
        "paid_source(case) -> text",
        "`receipts`, `bills` or `none`: where the amount paid comes from.",
    ),
    row(
        "short_services",
        "short_services(case, window, months) -> int",
        "How many declared services were used for less than the months.",
    ),
    row("is_billed", "is_billed(case, service) -> bool", "Whether any bill shows use of the service."),
    row(
        "contract_covers",
        "contract_covers(case, service, date) -> bool",
        "Whether the term of a contract of the applicant's for the service covers the day.",
    ),
    row(
        "level_held",
        "level_held(case) -> int",
        "The highest star level declared as held, or shown by a recognition of the applicant; 0 for none.",
    ),
    row(
        "level_proven",
        "level_proven(case) -> int",
        "The highest star level that a recognition of the applicant shows; 0 for none.",
    ),
    row(
        "level_announced",
        "level_announced(case) -> int",
        "The same by announcements (公示), which are not final.",
    ),
    row(
        "recognitions_claimed",
        "recognitions_claimed(case, word) -> int",
        "How many earlier recognitions with the word in their title the applicant declares.",
    ),
    row(
        "recognitions_shown",
        "recognitions_shown(case, word) -> int",
        "How many final recognitions with the word in their title name the applicant, by themselves or in lists.",
    ),
    row(
        "recognitions_unsure",
        "recognitions_unsure(case, word) -> int",
        "How many of them name a firm whose name or code is not quite the applicant's.",
    ),
    row(
        "has_lists",
        "has_lists(case) -> bool",
        "Whether the operator has lists of recognitions at all, of whatever programme.",
    ),
    row(
        "list_gap",
        "list_gap(case, word, period) -> text",
        "The years of the period that no list with the word in its title covers; nothing where the operator has no lists at all.",
    ),
    row(
        "closing_date_known",
        "closing_date_known(case, city) -> bool",
        "Whether a list has the city's last day for applications.",
    ),
    row(
        "closing_date",
        "closing_date(case, city, otherwise) -> date",
        "The city's last day for applications by such a list, or the other day where none has it.",
    ),
    row(
        "lines_of",
        "lines_of(case, type) -> int",
        "How many lines of the lists of a type name the applicant.",
    ),
    row("lines_naming", "lines_naming(case, type) -> list", "These lines."),
    row("different", "different(texts) -> int", "How many different texts a list has."),
    row(
        "number_trouble",
        "number_trouble(case, invoice, date) -> text",
        "`year`, `early` or `tax_id`: the number is of another year, or digital before the day, or a tax number's check character is wrong.",
    ),
    row(
        "region_differs",
        "region_differs(invoice) -> bool",
        "Whether the invoice's number is of another region than its seller's credit code.",
    ),
    row(
        "repeated",
        "repeated(case) -> list",
        "Papers that stand in the case once more, each with `other`, the first: the `name` they share, its `place`, what is `differing`, and whether it may be the same original in another format (`twin`).",
    ),
    row(
        "number_sequences",
        "number_sequences(case) -> list",
        "Invoices of one seller whose numbers are near each other and fall in time, or follow each other, three or more: `first`, `last`, `first_on`, `last_on` in the order of numbers, `count`, `identical` amounts, and the `invoices`.",
    ),
    row(
        "issued_after",
        "issued_after(case, date) -> record",
        "The invoices issued after the day: their `count`, their `amount` with tax, the `total` of all, and the `invoices`.",
    ),
    row(
        "invoice_figures",
        "invoice_figures(case) -> record",
        "Of the invoices' amounts with tax: `count`, how many are whole tens of thousands (`round`), and how far first digits are from Benford's law (`deviation`, the mean in millionths).",
    ),
    row(
        "related_sellers",
        "related_sellers(case) -> list",
        "What brings sellers close to the applicant, one sign each: `seller`, `by` (`itself`, `representative`, `address`, `trade`, `name`), `found` and the applicant's `own`, whether many share it (`common`), and the `invoices`.",
    ),
    row(
        "payments_of_invoices",
        "payments_of_invoices(case) -> record",
        "How invoices and receipts go together: their `count`, how many are `unpaid`, `others` that pay for none, and `ambiguous` pairs.",
    ),
    row(
        "bears_our_word",
        "bears_our_word(case, name) -> bool",
        "Whether a firm bears the applicant's distinctive word, of three characters or more: a parent or a sister, perhaps.",
    ),
    row(
        "alike_papers",
        "alike_papers(case) -> list",
        "Papers of one type of which pages look the same though they are two files: the one with the other as `other`, which has its `name`, `place`, what it shows, `differing`, whether that is `few` (half of what was compared or less), and whether it was `drawn` by a program.",
    ),
    row(
        "itemised",
        "itemised(invoices, kind) -> items",
        "Invoices as items of the kind, with their amounts with tax; for `explanation`.",
    ),
];

/// What the records that functions make have besides the fields of documents.
pub const COMPUTED: &[&str] = &[
    "from",
    "to",
    "gap",
    "monthly",
    "earlier",
    "bridged",
    "other",
    "first",
    "last",
    "first_on",
    "last_on",
    "count",
    "identical",
    "round",
    "deviation",
    "by",
    "found",
    "own",
    "common",
    "name",
    "same_call",
    "application",
    "applicant",
    "uscc",
    "place",
    "differing",
    "few",
    "drawn",
    "paper",
    "supplied",
    "twin",
    "unpaid",
    "others",
    "ambiguous",
];
