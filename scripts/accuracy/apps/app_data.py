"""A notebook turned into a script."""

import matplotlib
import numpy as np
import pandas as pd
import scipy.stats
from sklearn.linear_model import LinearRegression

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def main():
    frame = pd.DataFrame({"x": np.arange(9.0), "y": scipy.stats.norm.rvs(size=9)})
    model = LinearRegression().fit(frame[["x"]], frame["y"])
    plt.plot(frame["x"], model.predict(frame[["x"]]))


if __name__ == "__main__":
    main()
