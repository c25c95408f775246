//! Which lists there are, and how their columns are headed.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    /// A unified social credit code.
    Uscc,
    /// An amount, in the unit that the heading names.
    Amount,
    Day,
}

/// A column of a list.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    /// A list without it is none.
    pub(super) required: bool,
    /// A cell without anything says what the one above it says, as merged cells do.
    pub(super) carries: bool,
    /// What it may be headed, without white space; the first that a heading contains.
    pub(super) headings: &'static [&'static str],
}

/// A kind of list.
#[derive(Debug)]
pub struct Kind {
    /// Its name, which is the type of document it is to rules.
    pub name: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// Whether it is of some years, so that who is not in it is in it of none of these.
    pub covers_years: bool,
    /// Whether all of its lines concern every case, and not only those that name its applicant or city.
    pub concerns_all: bool,
    /// Under which name its lines stand.
    pub(super) rows: &'static str,
    pub(super) columns: &'static [Column],
}

const fn column(
    name: &'static str,
    shape: Shape,
    required: bool,
    headings: &'static [&'static str],
) -> Column {
    Column { name, shape, required, carries: false, headings }
}

const HOLDER: Column = column(
    "holder",
    Shape::Text,
    true,
    &["企业名称", "单位名称", "申报单位", "申报企业", "获评企业", "建设单位", "name"],
);
const USCC: Column =
    column("uscc", Shape::Uscc, false, &["统一社会信用代码", "社会信用代码", "信用代码", "uscc"]);
const PLACE: Column =
    column("place", Shape::Text, false, &["设区市", "所在地", "所属地区", "属地", "地区", "县", "place"]);

/// All kinds.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "recognition_list",
        title: "认定名单",
        covers_years: true,
        concerns_all: false,
        rows: "firms",
        columns: &[
            HOLDER,
            USCC,
            PLACE,
            column("level", Shape::Text, false, &["星级", "级别", "等级", "类型", "level"]),
            column("platform", Shape::Text, false, &["平台名称", "项目名称", "platform"]),
        ],
    },
    Kind {
        name: "closing_dates",
        title: "各设区市截止日期",
        covers_years: false,
        concerns_all: false,
        rows: "cities",
        columns: &[
            column("city", Shape::Text, true, &["设区市", "城市", "地区", "city"]),
            column("opens_on", Shape::Day, false, &["开始", "开启", "起始", "opens_on"]),
            column("closes_on", Shape::Day, true, &["截止", "结束", "closes_on"]),
        ],
    },
    Kind {
        name: "recommendation_summary",
        title: "推荐项目汇总表",
        covers_years: false,
        concerns_all: false,
        rows: "firms",
        columns: &[
            HOLDER,
            USCC,
            PLACE,
            column("category", Shape::Text, false, &["申报类别", "类别", "category"]),
            column("level", Shape::Text, false, &["申报星级", "推荐星级", "申报级别", "level"]),
            column(
                "amount",
                Shape::Amount,
                false,
                &["投入金额", "投入总额", "总投入", "项目投入", "上云投入", "投资额", "投资总额", "amount"],
            ),
        ],
    },
    Kind {
        name: "chain_members",
        title: "集群和产业链企业名单",
        covers_years: false,
        concerns_all: false,
        rows: "firms",
        columns: &[
            HOLDER,
            USCC,
            PLACE,
            column("chain", Shape::Text, true, &["产业链", "集群", "chain"]),
            column("tier", Shape::Text, false, &["层级", "级别", "tier"]),
        ],
    },
    Kind {
        name: "counties",
        title: "设区市和县（市、区）名单",
        covers_years: false,
        concerns_all: true,
        rows: "places",
        columns: &[
            Column {
                carries: true,
                ..column("city", Shape::Text, true, &["设区市", "地级市", "城市", "city"])
            },
            column("county", Shape::Text, true, &["县(市、区)", "县级", "区县", "县区", "county"]),
        ],
    },
];
