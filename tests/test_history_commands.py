"""Months published, compared, tested and verified, as an office would do it with the sample."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from hotspot.__main__ import cli
from hotspot.backtest import BASELINES
from hotspot.categories.ledger import publish_month, read_ledger
from hotspot.columns import names
from hotspot.errors import HotspotError
from hotspot.official import compare_official
from hotspot.run_folder import read_run_folder
from hotspot.sample import sample_folder
from hotspot.verification import verify
from hotspot.whole import hash_file

pytestmark = pytest.mark.slow


def hotspot(*words: object) -> Result:
    """Run a command that must succeed."""
    result = CliRunner().invoke(cli, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def refused(*words: object) -> str:
    """Run a command that must be refused, and return its sentence."""
    result = CliRunner().invoke(cli, [str(word) for word in words])
    assert isinstance(result.exception, HotspotError), result.output
    return str(result.exception)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the sample's job, which names a ledger, and two months."""
    folder = tmp_path_factory.mktemp("office")
    for file in sample_folder().iterdir():
        if file.suffix in {".csv", ".gpkg", ".toml"}:
            shutil.copy(file, folder / file.name)
    job = folder / "job.toml"
    job.write_text(job.read_text(encoding="utf-8") + '\n[ledger]\npath = "ledger"\n')
    hotspot("run", job, "--month", "2024-12", "--tables-only")
    hotspot("publish", folder / "out" / "2024-12", "--as-known-on", "2025-01-05")
    hotspot("run", job, "--month", "2025-01", "--quiet")
    return folder


def test_a_month_s_table_is_described_and_its_sums_hold(office: Path):
    done = hotspot("verify", office / "out" / "2025-01")
    assert done.output == (
        f"{office / 'out' / '2025-01'}: every hash, sum and link is as it was written\n"
    )
    counts = pd.read_csv(office / "out" / "2025-01" / "counts.csv", dtype={"mahalla_code": str})
    table = pd.read_csv(office / "out" / "2025-01" / "categories.csv", dtype={"mahalla_code": str})
    window = counts.loc[:, "2024-02":"2025-01"].sum(axis=1)
    assert (window == table["count"]).all()


def test_a_flipped_byte_in_a_folder_is_found(office: Path, tmp_path: Path):
    copied = tmp_path / "2025-01"
    shutil.copytree(office / "out" / "2025-01", copied)
    for name in ("categories.csv", "map.html", "map.pdf", "neighbours.csv"):
        contents = bytearray((copied / name).read_bytes())
        contents[len(contents) // 2] ^= 4
        (copied / name).write_bytes(contents)
        sentence = f"{copied / name}: is not as the run wrote it, the hash differs"
        assert refused("verify", copied) == sentence
        assert refused("publish", copied, "--as-known-on", "2025-02-05") == (
            f"{sentence}; run the month again before it is published"
        )
        shutil.copy(office / "out" / "2025-01" / name, copied / name)


def test_a_wrong_sum_is_found_even_where_the_hashes_were_made_to_fit(office: Path, tmp_path: Path):
    shutil.copytree(office, tmp_path / "office")
    copied = tmp_path / "office" / "out" / "2025-01"
    account = json.loads((copied / "run.json").read_text(encoding="utf-8"))
    account["records"]["placed"] += 1
    account["outputs"] = {name: hash_file(copied / name) for name in account["outputs"]}
    (copied / "run.json").write_text(json.dumps(account))
    placed = account["records"]["placed"]
    problems = verify(copied)
    assert problems == [
        f"{copied}: records read, and placed and rejected are {account['records']['read']} and "
        f"{account['records']['read'] + 1}",
        f"{copied}: placed records, and counts of all months are {placed} and {placed - 1}",
    ]


def test_published_months_take_precedence(office: Path, tmp_path: Path):
    # an earlier month published with every mahalla yellow: what follows builds on it
    shutil.copytree(office, tmp_path / "office")
    folder = tmp_path / "office"
    shutil.rmtree(folder / "ledger")
    run = read_run_folder(folder / "out" / "2024-12")
    publish_month(
        folder / "ledger",
        run.table.assign(category="yellow"),
        month="2024-12",
        as_known_on="2025-01-05",
        criteria={"name": "x", "version": "1", "sha256": "x"},
        inputs=[],
    )
    hotspot("run", folder / "job.toml", "--month", "2025-01", "--tables-only")
    table = pd.read_csv(folder / "out" / "2025-01" / "categories.csv")
    assert set(table["previous_category"]) == {"yellow"}
    assert table["months_red"].max() == 1
    revisions = pd.read_csv(folder / "out" / "2025-01" / "revisions.csv", dtype=str)
    # it says where the published month would be another with today's records
    differing = run.table[run.table["category"] != "yellow"]
    assert revisions["mahalla_code"].tolist() == differing["mahalla_code"].tolist()
    assert (revisions["now"].to_numpy() == differing["category"].to_numpy()).all()
    assert hotspot("verify", folder / "out" / "2025-01").exit_code == 0
    # a run that builds on an entry the ledger no longer has is found
    shutil.rmtree(folder / "ledger")
    shutil.copytree(office / "ledger", folder / "ledger")
    ledger = folder / "out" / "2025-01" / ".." / ".." / "ledger"
    assert refused("verify", folder / "out" / "2025-01") == (
        f"{folder / 'out' / '2025-01'}: the run builds on an entry that the ledger {ledger} does "
        "not have"
    )


def test_publishing_continues_the_chain_of_the_run(office: Path):
    again = hotspot("publish", office / "out" / "2024-12", "--as-known-on", "2025-01-05")
    assert again.output.startswith(
        "2024-12 is entry 1, known on 2025-01-05\n"
        "its categories were published before and are the same: nothing was entered\nhead: "
    )
    assert len(read_ledger(office / "ledger")) == 1
    head = read_ledger(office / "ledger")[0].sha256
    account = (office / "out" / "2025-01" / "run.json").read_text(encoding="utf-8")
    assert head in account
    assert f"ledger {head[:12]}" in (office / "out" / "2025-01" / "map.html").read_text("utf-8")
    assert hotspot("verify", office / "ledger").exit_code == 0


def test_two_months_are_compared(office: Path, tmp_path: Path):
    out = tmp_path / "changes.csv"
    # from November on, as nobody turns red or leaves red in the sample's last month
    hotspot("run", office / "job.toml", "--month", "2024-11", "--out", tmp_path, "--tables-only")
    before, after = tmp_path / "2024-11", office / "out" / "2025-01"
    done = hotspot("compare", before, after, "--out", out)
    changes = pd.read_csv(out, dtype={"mahalla_code": str})
    assert list(changes.columns) == names("changes")
    one, two = (
        pd.read_csv(folder / "categories.csv", dtype=str).set_index("mahalla_code")["category"]
        for folder in (before, after)
    )
    assert changes["mahalla_code"].tolist() == one.index[one != two].tolist()
    kinds = changes["change"].value_counts().reindex(["new", "returning", "left"], fill_value=0)
    assert kinds["new"] + kinds["returning"] == ((one != "red") & (two == "red")).sum()
    assert kinds["left"] == ((one == "red") & (two != "red")).sum()
    assert kinds.sum() > 0
    assert done.output.startswith(f"{kinds['new']} new red, {kinds['returning']} returning, ")
    # the months that entered against those that left, never windows that overlap
    counts = pd.read_csv(after / "counts.csv", dtype={"mahalla_code": str})
    counts = counts.set_index("mahalla_code").loc[changes["mahalla_code"]]
    left, entered = counts[["2023-12", "2024-01"]], counts[["2024-12", "2025-01"]]
    moved = (left.sum(axis=1) != entered.sum(axis=1)).to_numpy()
    assert (changes["p_change"].to_numpy()[~moved] == 1).all()
    assert (changes["p_change"].to_numpy()[moved] < 1).all()
    # a mahalla whose category turns to red names a condition that came true
    turned = changes.loc[changes["after"] == "red", "turned"]
    assert turned.str.contains("came true").all()


def test_the_earlier_month_comes_first(office: Path):
    later = office / "out" / "2024-12"
    assert refused("compare", office / "out" / "2025-01", later) == (
        f"{later}: 2024-12 is not after 2025-01; give the earlier month's folder first"
    )


def test_an_official_list_is_compared(office: Path, tmp_path: Path):
    run = office / "out" / "2025-01"
    ours = pd.read_csv(run / "categories.csv", dtype=str)
    words = {"red": "Qizil", "yellow": "сариқ", "green": "зелёный"}
    listed = ours[["mahalla_code"]].assign(category=ours["category"].map(words))
    listed.to_csv(tmp_path / "same.csv", index=False)
    same = hotspot("compare", run, "--official", tmp_path / "same.csv", "--out", tmp_path / "o.csv")
    assert (
        "weighted kappa 1.000 over 832 mahallas; disagreements: 0; rows of the list that are no "
        "mahalla's: 0\n"
    ) in same.output
    # three steps apart by hand: one red taken for green, by name and district this time
    red = ours[ours["category"] == "red"].index[0]
    named = ours[["name", "district"]].assign(category=ours["category"])
    named.loc[red, "category"] = "green"
    named.to_csv(tmp_path / "named.csv", index=False)
    other = hotspot(
        "compare", run, "--official", tmp_path / "named.csv", "--out", tmp_path / "o.csv"
    )
    assert "disagreements: 1; " in other.output
    (row,) = pd.read_csv(tmp_path / "o.csv", dtype=str).to_dict("records")
    assert (row["mahalla_code"], row["ours"], row["official"]) == (
        ours.loc[red, "mahalla_code"],
        "red",
        "green",
    )


def test_one_colour_leaves_nothing_to_agree_on(office: Path, tmp_path: Path):
    # by hand: kappa is 0 / 0 where chance alone would agree on everything
    run = office / "out" / "2025-01"
    ours = pd.read_csv(run / "categories.csv", dtype=str)
    green = ours.loc[ours["category"] == "green", ["mahalla_code"]].head(3)
    green.assign(category="Зелёная").to_csv(tmp_path / "green.csv", index=False)
    agreement = compare_official(run, tmp_path / "green.csv")
    assert math.isnan(agreement.kappa)
    assert agreement.compared == agreement.confusion.loc["green", "green"] == 3


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "mahalla_code,category\n1710207006,blue\n",
            "{path}: the category 'blue' is no colour; write red, yellow or green",
        ),
        (
            "mahalla_code,category\n1710207006,red\n1710207006,green\n",
            "{path}: mahalla '1710207006' stands there twice with different categories; keep one",
        ),
        ("mahalla_code,category\n99,red\n", "{path}: none of its 1 rows is a mahalla of {run}"),
        (
            "mahalla_code,colour\n1,red\n",
            "{path}: no column category; known are: mahalla_code, colour",
        ),
        ("category,x\nred,x\n", "{path}: no column mahalla_code or name; known are: category, x"),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(
    text: str, sentence: str, office: Path, tmp_path: Path
):
    path, run = tmp_path / "list.csv", office / "out" / "2025-01"
    path.write_text(text, encoding="utf-8")
    assert refused("compare", run, "--official", path) == sentence.format(path=path, run=run)


def test_the_back_test_s_tables_are_those_of_the_run(office: Path):
    done = hotspot("backtest", office / "job.toml", "--quiet")
    table = pd.read_csv(office / "out" / "backtest.csv")
    assert set(table["method"]) == {"analytical-12m", *BASELINES}
    assert "next month's offenses, 24 months from 2023-01 to 2024-12" in done.output
    run = pd.read_csv(office / "out" / "2025-01" / "backtest.csv")
    # the replay has a month more in a run that knows the ledger's; the rest is the same
    pd.testing.assert_frame_equal(table.drop(columns="brier"), run.drop(columns="brier"))
    # a run doesn't draw the past months anew
    assert run["brier"].isna().all()
    assert table.loc[table["method"] == "analytical-12m", "brier"].between(0, 0.1).all()
    assert "red_probability, and the share red 12 months later: 0.0" in done.output
    last = hotspot("backtest", office / "job.toml", "--months", "6", "--quiet")
    assert "6 months from 2024-07 to 2024-12" in last.output


def test_something_else_is_neither_folder_nor_ledger(office: Path):
    assert refused("verify", office) == (
        f"{office}: neither a month's folder nor a ledger; give one that 'hotspot run' or 'hotspot "
        "publish' wrote"
    )
