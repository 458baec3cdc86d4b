"""Real trainings that take milliseconds: gradient descent in NumPy on problems of a few numbers."""

from __future__ import annotations

import numpy as np


def regression(
    *,
    clips: int = 40,
    noise: float = 0.0,
    learning_rate: float = 0.02,
    epochs: int = 60,
    penalty: float = 0.0,
) -> dict[str, list[float]]:
    """Fit 30 weights to ``clips`` examples by gradient descent; with noise and few clips it overfits."""
    rng = np.random.default_rng(0)
    truth = rng.standard_normal(30)
    x, unseen = rng.standard_normal((clips, 30)), rng.standard_normal((400, 30))
    y = x @ truth + noise * rng.standard_normal(clips)
    wanted = unseen @ truth
    weights = np.zeros(30)
    history = {"step": [1], "epoch": [0], "loss": [float(np.mean(y**2))], "val_loss": [np.nan]}
    with np.errstate(over="ignore", invalid="ignore"):
        for epoch in range(1, epochs + 1):
            error = x @ weights - y
            weights = weights - learning_rate * (2 * x.T @ error / clips + penalty * weights)
            history["step"].append(epoch)
            history["epoch"].append(epoch)
            history["loss"].append(float(np.mean((x @ weights - y) ** 2)))
            history["val_loss"].append(float(np.mean((unseen @ weights - wanted) ** 2)))
    return history


def linear_vae(
    *, kl_weight: float, epochs: int = 60
) -> tuple[dict[str, list[float]], np.ndarray, np.ndarray]:
    """A linear variational autoencoder of two latents: history with ``kl``, means, log-variances."""
    rng = np.random.default_rng(0)
    clips, size, latent = 200, 6, 2
    x = rng.standard_normal((clips, latent)) @ rng.standard_normal((latent, size))
    encode, decode = 0.3 * rng.standard_normal((size, latent)), 0.3 * rng.standard_normal((latent, size))
    log_variance = np.zeros(latent)
    history = {"step": [], "epoch": [], "loss": [], "kl": []}
    rate = 0.02 / max(1.0, kl_weight)
    for epoch in range(1, epochs + 1):
        for _ in range(20):
            mean, noise = x @ encode, rng.standard_normal((clips, latent))
            z = mean + np.exp(0.5 * log_variance) * noise
            error = z @ decode - x
            back = error @ decode.T
            spread = 0.5 * (back * noise).mean(axis=0) * np.exp(0.5 * log_variance)
            decode = decode - rate * z.T @ error / clips
            encode = encode - rate * x.T @ (back + kl_weight * mean) / clips
            log_variance = log_variance - rate * (spread + 0.5 * kl_weight * (np.exp(log_variance) - 1))
        kl = 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).sum(axis=1).mean()
        reconstruction = 0.5 * (error**2).sum(axis=1).mean()
        row = {"step": 20 * epoch, "epoch": epoch, "loss": reconstruction + kl_weight * kl, "kl": kl}
        for name, value in row.items():
            history[name].append(float(value))
    return history, x @ encode, np.tile(log_variance, (clips, 1))


def rivals(
    *, critic_rate: float, generator_rate: float, critic_steps: int = 1, rows: int = 80
) -> dict[str, list[float]]:
    """A generator that shifts and scales noise, and a logistic critic: the histories of both players."""
    rng = np.random.default_rng(0)
    shift, scale = -4.0, 0.5
    critic = np.zeros(3)
    history = {name: [] for name in ("critic_loss", "generator_loss", "real_score", "fake_score")}

    def look(x):
        return np.stack([np.ones_like(x), x, x**2 / 4], axis=1)

    def sure(score):
        return 1 / (1 + np.exp(-np.clip(score, -30, 30)))

    for _ in range(rows):
        for step in range(critic_steps):
            real, fake = 1 + rng.standard_normal(256), shift + scale * rng.standard_normal(256)
            real_score, fake_score = look(real) @ critic, look(fake) @ critic
            if step == 0:
                loss = -np.log(sure(real_score) + 1e-9).mean() - np.log(1 - sure(fake_score) + 1e-9).mean()
                won = -np.log(sure(fake_score) + 1e-9).mean()
                values = (loss, won, real_score.mean(), fake_score.mean())
                for name, value in zip(history, values, strict=True):
                    history[name].append(float(value))
            gradient = look(fake).T @ sure(fake_score) - look(real).T @ (1 - sure(real_score))
            critic = critic - critic_rate * gradient / 256
        noise = rng.standard_normal(256)
        fake = shift + scale * noise
        slope = -(1 - sure(look(fake) @ critic)) * (critic[1] + critic[2] * fake / 2)
        shift = shift - generator_rate * slope.mean()
        scale = scale - generator_rate * (slope * noise).mean()
    return {
        "step": list(range(1, rows + 1)),
        "epoch": list(range(1, rows + 1)),
        "loss": history["critic_loss"],
        **history,
    }
