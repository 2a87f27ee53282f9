"""The kinds of findings: what each is called, which rule asks for it, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind (类别). ``group`` is the heading under which kinds are counted; ``rule`` the paper's id (依据)."""

    key: str
    title: str
    group: str
    rule: str
    remedy: str


_BOUNDARY, _OVERLAP, _PLACE, _DOUBLE, _RECORD, _UNIT, _LOAD = (
    "边界图形", "重叠与缝隙", "位置", "重复", "台账与出入口", "行政单元", "导入"
)  # fmt: skip
GROUPS: Final = (_LOAD, _OVERLAP, _BOUNDARY, _PLACE, _DOUBLE, _RECORD, _UNIT)
_REDRAW: Final = "请在“边界”页重画该边界"

_ROWS: Final = (
    # Load.
    ("repaired", "导入时自动修复的边界", _LOAD, "L09", "请在“边界”页核对修复后的边界，并请来源单位改正原文件"),
    ("refused", "导入时退回的边界", _LOAD, "L09", "请在原文件中改正后重新导入，或在“边界”页手工绘制"),
    ("row_fault", "导入时的台账问题", _LOAD, "L02", "请在原文件中改正后重新导入整个文件"),
    # Common ground.
    ("overlap", "小区边界重叠", _OVERLAP, "L09", "请会同两个小区核定分界，在“边界”页修改其中一个"),
    ("contained", "小区边界在另一小区之内", _OVERLAP, "L09", "请核对是否同一小区；确属两个小区的，从大的边界中划出小的"),
    ("same_boundary", "同一边界出现两次", _OVERLAP, "L02", "请核对是否同一小区重复登记；不是的，重画其中一个"),
    ("sliver_overlap", "窄条重叠", _OVERLAP, "L09", "一般是描图误差，请在“边界”页把两条边界并到同一条线上"),
    ("sliver_gap", "相邻小区之间的窄缝", _OVERLAP, "L09", "一般是描图误差，请在“边界”页把两条边界并到同一条线上"),
    ("region_overlap", "物业管理区域重叠", _OVERLAP, "L09", "请街道会同两个物业管理区域重新核定分界"),
    ("region_gap", "物业管理区域内的缝隙", _OVERLAP, "L09", "请核定这条地由哪个小区管理，并入其边界"),
    ("region_hole", "物业管理区域内的空洞", _OVERLAP, "L09", "请核定空洞内的地由谁管理；是学校、幼儿园等的，标为“已核对”"),
    ("region_pieces", "物业管理区域分成相隔的几块", _OVERLAP, "L09", "请核定是否应划为几个物业管理区域"),
    ("in_two_regions", "小区同时在两个物业管理区域内", _OVERLAP, "L09", "请核定该小区属于哪个物业管理区域，改正台账或边界"),
    # One outline.
    ("invalid", "边界图形无效", _BOUNDARY, "L09", _REDRAW),
    ("self_touch", "边界自身相接", _BOUNDARY, "L09", "请在“边界”页把相接处分开或合并"),
    ("few_corners", "边界顶点过少", _BOUNDARY, "L09", _REDRAW),
    ("typed_shape", "边界像是随手画的", _BOUNDARY, "L09", "请按实测图或影像重画该边界"),
    ("far_part", "边界含有远处的部分", _BOUNDARY, "L09", "请核对远处的部分是否属于本小区，不属于的删去"),
    ("tiny_part", "边界含有碎块", _BOUNDARY, "L09", "请在“边界”页删去碎块"),
    ("tail", "边界含有狭长部分", _BOUNDARY, "L09", "请核对狭长部分是否描图误差，是的删去"),
    ("size", "边界大小异常", _BOUNDARY, "L09", _REDRAW),
    ("cut", "边界被道路、铁路或河流分割", _BOUNDARY, "L09", "请核对是否把几个街坊画成了一个小区"),
    # Place.
    ("outside_unit", "不在台账所写的行政单元内", _PLACE, "L09", "请核对台账中的所属单元、小区位置和坐标系"),
    ("point_outside", "坐标在自己的边界之外", _PLACE, "L03", "请在“边界”页把坐标移到小区内"),
    ("point_far", "坐标与边界相距过远", _PLACE, "L03", "坐标和边界不是同一个地方，请核对同名小区和坐标系"),
    ("in_other", "坐标落在另一小区的边界内", _PLACE, "L03", "请核对坐标，或核对两个名称是否同一小区"),
    ("same_point", "几个小区共用一个坐标", _PLACE, "L03", "请为每个小区填写自己的坐标"),
    ("no_place", "没有任何位置信息", _PLACE, "L03", "请至少补填坐标、四至范围或边界中的一项"),
    ("no_boundary", "没有边界", _PLACE, "L09", "请在“边界”页由四至生成边界，或手工绘制、导入边界文件"),
    ("no_point", "没有坐标", _PLACE, "L03", "请补填经度、纬度"),
    # The same twice.
    ("same_name", "小区同名（同一街道，或街道不明）", _DOUBLE, "L02", "请核对是否重复登记；是两个小区的，在名称中加以区别"),
    ("same_name_elsewhere", "不同街道的小区同名", _DOUBLE, "L02", "同名小区容易混淆，请核对街道是否填对"),
    ("phases", "同一小区的分期或组团", _DOUBLE, "L09", "请核定各期是一个还是几个物业管理区域；整体和分期不得同时登记"),
    ("similar_name", "名称只有写法之差", _DOUBLE, "L02", "请核对是否同一小区的不同写法"),
    # Records and gates.
    ("land_area", "边界面积与台账不符", _RECORD, "L04", "请核对台账的占地面积，或在“边界”页重画"),
    ("floor_ratio", "容积率异常", _RECORD, "L04", "请核对台账的建筑面积、占地面积及其单位"),
    ("no_sides", "没有四至范围", _RECORD, "L09", "请按划定物业管理区域的资料补填四至范围"),
    ("sides_unclear", "四至文字不全或读不懂", _RECORD, "L09", "请写成“东至…，南至…，西至…，北至…”，每侧写明道路、河流或相邻单位"),
    ("no_gate", "没有出入口", _RECORD, "P02", "请在“边界”页标出主要出入口，检查线路才能排到门口"),
    ("gate_off_road", "出入口远离道路", _RECORD, "P02", "请核对出入口位置；道路缺失的，请补充路网"),
    ("gate_off_boundary", "出入口不在边界上", _RECORD, "P02", "请在“边界”页移动出入口，或修改边界"),
    # Units.
    ("region_streets", "物业管理区域跨街道", _UNIT, "L09", "请核定由哪个街道牵头，或按街道分开"),
    ("unit_overlap", "行政单元重叠", _UNIT, "L03", "请向民政部门核实界线，改正行政单元图层"),
    ("unit_gap", "行政单元之间有空白", _UNIT, "L03", "请向民政部门核实界线，改正行政单元图层"),
    ("unit_no_shape", "行政单元没有范围图形", _UNIT, "L03", "请导入该级行政单元的图层，否则无法核对小区所在"),
)  # fmt: skip

KINDS: Final[dict[str, Kind]] = {row[0]: Kind(*row) for row in _ROWS}
"""Every kind by its key, in the order in which they are counted."""
