//! Names and places, folded so that what a person takes for equal is equal.

use unicode_normalization::UnicodeNormalization;

/// NFKC, brackets of one kind, upper case, without spaces and middle dots.
pub(super) fn folded(name: &str) -> String {
    name.nfkc()
        .map(|c| match c {
            '〔' | '[' | '【' => '(',
            '〕' | ']' | '】' => ')',
            other => other,
        })
        .filter(|c| !c.is_whitespace() && !matches!(c, '·' | '•'))
        .flat_map(char::to_uppercase)
        .collect()
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
