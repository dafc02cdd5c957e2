"""Where the street's shops, buildings and parcels lie: an invented plan, laid out in metres and written in degrees."""

import json

# South-west corner of each company's ground, degrees × 10^7, and how its shops stand: how many in a row, and metres apart.
GROUNDS = {"JF01": ((1_141_020_000, 303_010_000), 6, 34), "JF02": ((1_141_090_000, 303_015_000), 5, 40),
           "JF03": ((1_141_010_000, 302_950_000), 4, 30), "JF04": ((1_141_120_000, 302_955_000), 3, 85)}
# Degrees × 10^7 a metre at this latitude, eastward and northward.
EAST, NORTH = 104, 90
# Parcels: south-west corner in metres, width, skew of the upper side, both in metres. The height follows from the area.
PARCELS = {"DK-03-01": (90, 150, 150, 22), "DK-03-02": (310, 120, 190, -18), "DK-03-03": (80, -190, 310, 30),
           "DK-03-04": (430, -150, 150, 12), "DK-03-05": (610, 40, 180, -25), "DK-03-06": (620, -170, 130, 0)}
# Registered, and nobody has said where they are.
NOWHERE = {"ZC-02-06", "ZC-HT-03-21"}
M2 = 2_000 / 3


def degrees(tenmillionths):
    return f"{tenmillionths // 10_000_000}.{tenmillionths % 10_000_000:07d}"


def at(code, east, north):
    (lon, lat), _, _ = GROUNDS[code]
    return lon + round(east * EAST), lat + round(north * NORTH)


def polygon(code, card):
    """A parallelogram as large as the parcel was surveyed."""
    east, north, width, skew = PARCELS[card["地块编号"]]
    height = float(card["实测面积亩"]) * M2 / width
    corners = [(east, north), (east + width, north), (east + width + skew, north + height), (east + skew, north + height), (east, north)]
    # Digits as written, so that no float is printed.
    ring = ",".join("[" + ",".join(degrees(d) for d in at(code, *corner)) + "]" for corner in corners)
    text = '{"type":"Polygon","coordinates":[[' + ring + "]]}"
    assert json.loads(text)["coordinates"][0][0] == json.loads(text)["coordinates"][0][-1]
    return text


def lay_out(b):
    """Coordinates for everything of a company that stands still."""
    _, in_row, apart = GROUNDS[b.code]
    cards = [c for c in b.tables.get("资产", []) if c["类别"] != "车辆"]
    for card in cards:
        number = card["资产编号"]
        if number in NOWHERE:
            continue
        tail = number.rsplit("-", 1)[1]
        if card["类别"] == "商铺":
            place = int(tail) - 1
            east, north = 40 + apart * (place % in_row), 60 - 38 * (place // in_row)
        elif tail == "00":
            east, north = 20, 110
        else:
            east, north = 40 + apart * in_row, 95
        lon, lat = at(b.code, east, north)
        card.update(经度=degrees(lon), 纬度=degrees(lat))
    for card in b.tables.get("资源", []):
        card["几何"] = polygon(b.code, card)
