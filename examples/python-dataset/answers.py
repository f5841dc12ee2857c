"""Loads a data set once, and then answers one question about one shard of it for each mail.

Forked while it waits, every child has the data set already: it finds its own job in its own memory, and answers.
"""

import csv
import json

from ramet_mailbox import arm_mailbox

QUESTIONS = {
    "warmest": max,
    "coldest": min,
    "sum": sum,
    "frosty hours": lambda shard: sum(temperature < 0 for temperature in shard),
}


def load(path):
    """One temperature for each hour, in tenths of a degree."""
    with open(path, newline="") as file:
        return [int(row["tenths_of_a_degree"]) for row in csv.DictReader(file)]


def answer(temperatures, job):
    shard = temperatures[job["shard"] :: job["of"]]
    return {"shard": job["shard"], "hours": len(shard), job["question"]: QUESTIONS[job["question"]](shard)}


temperatures = load("/srv/temperatures.csv")
with arm_mailbox("job") as mailbox:
    print("warm:", len(temperatures), "temperatures are loaded", flush=True)
    while True:
        mail = mailbox.wait()
        result = answer(temperatures, mail.json())
        mail.acknowledge()
        print("answer:", json.dumps(result), flush=True)
