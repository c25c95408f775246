//! Names and places, folded so that what a person takes for equal is equal.

pub(super) use crate::model::value::fold::folded;

/// Provinces and municipalities, as names and addresses shorten them.
const PROVINCES: &[&str] = &[
    "北京",
    "天津",
    "上海",
    "重庆",
    "河北",
    "山西",
    "辽宁",
    "吉林",
    "黑龙江",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "湖北",
    "湖南",
    "广东",
    "海南",
    "四川",
    "贵州",
    "云南",
    "陕西",
    "甘肃",
    "青海",
    "台湾",
    "内蒙古",
    "广西",
    "西藏",
    "宁夏",
    "新疆",
    "香港",
    "澳门",
];

/// Larger cities outside Jiangsu by which firms call themselves.
const CITIES: &[&str] = &[
    "杭州",
    "宁波",
    "温州",
    "嘉兴",
    "绍兴",
    "合肥",
    "芜湖",
    "济南",
    "青岛",
    "烟台",
    "厦门",
    "福州",
    "南昌",
    "武汉",
    "长沙",
    "郑州",
    "广州",
    "深圳",
    "东莞",
    "佛山",
    "珠海",
    "成都",
    "西安",
    "沈阳",
    "大连",
    "长春",
    "哈尔滨",
    "石家庄",
    "太原",
    "昆明",
    "贵阳",
    "兰州",
    "南宁",
    "海口",
];

/// What firms are, at the end of their names; the longer ones first.
const FORMS: &[&str] = &[
    "股份有限公司",
    "有限责任公司",
    "集团有限公司",
    "有限公司",
    "股份公司",
    "总公司",
    "分公司",
    "公司",
    "集团",
    "研究院",
    "研究所",
    "事务所",
    "中心",
    "厂",
];

/// What firms do, as the last words of their names say it.
const TRADES: &[&str] = &[
    "科技",
    "技术",
    "信息",
    "软件",
    "网络",
    "数据",
    "智能",
    "智造",
    "数字",
    "云计算",
    "互联网",
    "工业",
    "自动化",
    "装备",
    "设备",
    "机械",
    "机电",
    "机器人",
    "仪器",
    "仪表",
    "电子",
    "电气",
    "电器",
    "家电",
    "通信",
    "通讯",
    "精密",
    "汽车",
    "零部件",
    "部件",
    "新能源",
    "能源",
    "新材料",
    "材料",
    "纺织",
    "化工",
    "医药",
    "生物",
    "环保",
    "建筑",
    "建设",
    "工程",
    "制造",
    "实业",
    "贸易",
    "商贸",
    "咨询",
    "管理",
    "企业",
    "服务",
    "检测",
    "认证",
    "测试",
    "发展",
    "投资",
    "控股",
    "系统",
    "集成",
    "物流",
    "传媒",
    "文化",
    "教育",
    "国际",
];

/// The distinctive word of a firm's name (字号): without where it is, what it does and what it is. Names that
/// come to nothing are left as they are.
pub(super) fn stem(name: &str, counties: &[(String, String)]) -> String {
    let name = folded(name);
    // A place in brackets stands behind the word or behind the trade.
    let mut rest = match (name.find('('), name.find(')')) {
        (Some(from), Some(to)) if from < to => [&name[..from], &name[to + 1..]].concat(),
        _ => name.clone(),
    };
    let in_front = PROVINCES.iter().chain(CITIES).copied().chain(["江苏", "中国"]);
    let own = counties.iter().flat_map(|(city, county)| [city.as_str(), county.as_str()]);
    let places: Vec<&str> =
        in_front.chain(own.map(|place| place.trim_end_matches(['市', '县', '区']))).collect();
    while let Some(cut) = places.iter().find_map(|place| {
        let behind = rest.strip_prefix(place).filter(|_| place.chars().count() > 1)?;
        let behind = behind.strip_prefix(['省', '市', '县', '区']).unwrap_or(behind);
        (behind.chars().count() > 1).then(|| behind.to_owned())
    }) {
        rest = cut;
    }
    while let Some(cut) = FORMS.iter().chain(TRADES).find_map(|word| {
        rest.strip_suffix(word).filter(|before| before.chars().count() > 1).map(str::to_owned)
    }) {
        rest = cut;
    }
    rest
}

/// How many characters differ, for names of one length; many otherwise.
pub(super) fn far(a: &str, b: &str) -> usize {
    if a.chars().count() != b.chars().count() {
        return usize::MAX;
    }
    a.chars().zip(b.chars()).filter(|(x, y)| x != y).count()
}

/// Whether a service is named: equal, or one name inside the other.
pub(super) fn same_service(a: &str, b: &str) -> bool {
    let (a, b) = (folded(a), folded(b));
    !a.is_empty() && !b.is_empty() && (a.contains(&b) || b.contains(&a))
}

/// Whether an address is in Jiangsu: `yes`, `no`, or `unknown` where it names no city.
///
/// Addresses often leave out the province, so its cities and counties are looked for. A district's
/// name alone proves nothing: several provinces have a 鼓楼区.
pub(super) fn in_jiangsu(address: &str, counties: &[(String, String)]) -> &'static str {
    let address = folded(address);
    let address = address.strip_prefix("中国").unwrap_or(&address);
    if address.starts_with("江苏") {
        return "yes";
    }
    for (city, county) in counties {
        let short = city.trim_end_matches('市');
        let in_city = address.starts_with(city.as_str())
            || address.strip_prefix(short).is_some_and(|rest| rest.starts_with(county.as_str()));
        if in_city || (!county.ends_with('区') && address.starts_with(county.as_str())) {
            return "yes";
        }
    }
    let names_a_city = address.chars().take(6).any(|c| c == '市' || c == '省');
    if names_a_city || PROVINCES.iter().any(|name| address.starts_with(name)) { "no" } else { "unknown" }
}
