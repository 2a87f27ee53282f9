"""Management regions (物业管理区域), their estates (小区), gates and boundaries.

One region holds one or more estates (L04, 附件1): two tables, 1:n.
"""

from data.codes import COMMITTEES, PARTIES, SERVICE_FORMS, Consent
from data.schemas.table import Column, Table
from geo.crs import Datum

_PROVENANCE = (
    Column("source_file", "text", "来源文件"),
    Column("source_sheet", "text", "来源工作表"),
    Column("source_row", "int", "来源行", low=1),
)

REGIONS = Table(
    "regions",
    "region_id",
    "物业管理区域",
    (
        Column("name", "text", "物业管理区域名称", required=True),
        Column("county_id", "text", "县区"),
        Column("street_id", "text", "街道"),
        *_PROVENANCE,
    ),
)

ESTATES = Table(
    "estates",
    "estate_id",
    "小区",
    (
        Column("name", "text", "小区名称", required=True),
        Column("region_id", "text", "物业管理区域", required=True),
        Column("county_id", "text", "县区"),
        Column("street_id", "text", "街道"),
        Column("community_id", "text", "社区"),
        Column("grid_id", "text", "网格"),
        Column("address", "text", "地址"),
        Column("four_sides", "text", "四至范围"),
        Column("service_form", "int", "物业服务形态", choices=tuple(SERVICE_FORMS)),
        Column("service_form_text", "text", "物业服务形态（原文）"),
        Column("committee", "int", "业主委员会组建情况", choices=tuple(COMMITTEES)),
        Column("committee_text", "text", "业主委员会组建情况（原文）"),
        Column("party", "int", "党的工作覆盖情况", choices=tuple(PARTIES)),
        Column("party_text", "text", "党的工作覆盖情况（原文）"),
        Column("company", "text", "物业服务企业"),
        Column("manager", "text", "项目负责人", personal=True),
        Column("fee_rate", "float", "物业费收缴率", low=0, high=1),
        Column("fee_yuan_m2", "float", "物业费（元/平方米·月）", low=0, high=100),
        Column("households", "int", "户数", low=0),
        Column("floor_area_m2", "float", "建筑面积（平方米）", low=0),
        Column("land_area_m2", "float", "占地面积（平方米）", low=0),
        Column("n_lifts", "int", "电梯（台）", low=0),
        Column("year_built", "int", "建成年份", low=1900, high=2100),
        Column("estate_type", "text", "小区类型"),
        Column("consent", "text", "业主意愿", required=True, choices=tuple(Consent)),
        Column("consent_rate", "float", "业主同意率", low=0, high=1),
        Column("public_income_yuan", "float", "公共收益（元/年）", low=0),
        Column("income_objection", "bool", "业主对公共收益有异议"),
        Column("lost", "bool", "失管"),
        Column("enclosed", "bool", "封闭管理"),
        Column("mature", "bool", "成熟小区"),
        Column("lon", "float", "经度", low=73, high=136),
        Column("lat", "float", "纬度", low=3, high=54),
        Column("lon_source", "float", "原经度"),
        Column("lat_source", "float", "原纬度"),
        Column("datum", "text", "原坐标系", choices=tuple(Datum)),
        *_PROVENANCE,
        Column("extra", "dict", "其他列"),
    ),
)
"""``lon``, ``lat``: EPSG:4490 degrees; ``lon_source``, ``lat_source`` in ``datum``.
``fee_rate`` and ``consent_rate`` (households that agree to be bundled, of those to be asked) are shares from 0 to 1.
``public_income_yuan`` is the public income (公共收益) of the last year that was made public; ``income_objection`` null means that
nobody knows whether owners object to it.

``service_form``, ``committee``, ``party`` null means unknown (待核). ``lost`` null means not asked.
"""

GATES = Table(
    "gates",
    "gate_id",
    "出入口",
    (
        Column("estate_id", "text", "小区", required=True),
        Column("name", "text", "名称"),
        Column("lon", "float", "经度", required=True, low=73, high=136),
        Column("lat", "float", "纬度", required=True, low=3, high=54),
        Column("main", "bool", "主要人行出入口", required=True),
    ),
)
