using System;
using System.Collections.Generic;
using System.Linq;

namespace CsCheck;

/// <summary>
/// As much of CsCheck as the linked tests use: its package is for .NET 10 alone. Each run draws other values and tells the one
/// that fails; nothing is made smaller.
/// </summary>
internal class Gen<T>(Func<Random, T> draw)
{
    public ArrayGen<T> Array => new(this);

    public T Draw(Random random) => draw(random);

    public Gen<TResult> Select<TResult>(Func<T, TResult> map) => new(random => map(draw(random)));

    public Gen<TResult> SelectMany<TOther, TResult>(Func<T, Gen<TOther>> then, Func<T, TOther, TResult> map) => new(random =>
    {
        T first = draw(random);
        return map(first, then(first).Draw(random));
    });

    public Gen<T> Where(Func<T, bool> wanted) => new(random =>
    {
        T value;
        do
        {
            value = draw(random);
        }
        while (!wanted(value));
        return value;
    });

    public void Sample(Action<T> act, int iter = 100)
    {
        var random = new Random();
        for (int i = 0; i < iter; i++)
        {
            T value = draw(random);
            try
            {
                act(value);
            }
            catch (Exception e)
            {
                if (NfceSync.Core.Tests.Mono.MonoLimits.Explain(e))
                {
                    continue;
                }

                throw new Xunit.Sdk.XunitException($"{Gen.Show(value)}: {e}");
            }
        }
    }

    public void Sample(Func<T, bool> holds, int iter = 100) => Sample(value => Xunit.Assert.True(holds(value)), iter);
}

internal sealed class ArrayGen<T>(Gen<T> item)
{
    public Gen<T[]> this[int length] => this[length, length];

    public Gen<T[]> this[int least, int most] =>
        new(random => Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => item.Draw(random)).ToArray());
}

internal sealed class IntGen() : Gen<int>(random => random.Next(int.MinValue, int.MaxValue))
{
    public Gen<int> this[int least, int most] => new(random => random.Next(least, most + 1));
}

internal sealed class DoubleGen() : Gen<double>(random => random.NextDouble())
{
    public Gen<double> this[double least, double most] => new(random => least + ((most - least) * random.NextDouble()));
}

internal sealed class CharGen() : Gen<char>(random => (char)random.Next(char.MaxValue + 1))
{
    public Gen<char> this[char least, char most] => new(random => (char)random.Next(least, most + 1));

    public Gen<char> this[string any] => Gen.OneOf(any.ToCharArray());
}

internal static class Gen
{
    public static IntGen Int { get; } = new();

    public static DoubleGen Double { get; } = new();

    public static CharGen Char { get; } = new();

    public static Gen<byte> Byte { get; } = new(random => (byte)random.Next(256));

    public static Gen<bool> Bool { get; } = new(random => random.Next(2) == 0);

    public static Gen<string> String { get; } = Char.Array[0, 100].Select(chars => new string(chars));

    public static Gen<T> Const<T>(T value) => new(_ => value);

    public static Gen<T> OneOf<T>(params Gen<T>[] gens) => new(random => gens[random.Next(gens.Length)].Draw(random));

    public static Gen<T> OneOf<T>(params T[] values) => new(random => values[random.Next(values.Length)]);

    public static Gen<(T1, T2)> Select<T1, T2>(Gen<T1> g1, Gen<T2> g2) => new(random => (g1.Draw(random), g2.Draw(random)));

    public static Gen<(T1, T2, T3)> Select<T1, T2, T3>(Gen<T1> g1, Gen<T2> g2, Gen<T3> g3) =>
        new(random => (g1.Draw(random), g2.Draw(random), g3.Draw(random)));

    public static Gen<(T1, T2, T3, T4)> Select<T1, T2, T3, T4>(Gen<T1> g1, Gen<T2> g2, Gen<T3> g3, Gen<T4> g4) =>
        new(random => (g1.Draw(random), g2.Draw(random), g3.Draw(random), g4.Draw(random)));

    public static Gen<(T1, T2, T3, T4, T5)> Select<T1, T2, T3, T4, T5>(
        Gen<T1> g1, Gen<T2> g2, Gen<T3> g3, Gen<T4> g4, Gen<T5> g5) =>
        new(random => (g1.Draw(random), g2.Draw(random), g3.Draw(random), g4.Draw(random), g5.Draw(random)));

    public static Gen<TResult> Select<T1, T2, T3, TResult>(this Gen<(T1, T2, T3)> gen, Func<T1, T2, T3, TResult> map) =>
        gen.Select(drawn => map(drawn.Item1, drawn.Item2, drawn.Item3));

    public static Gen<TResult> Select<T1, T2, T3, T4, TResult>(this Gen<(T1, T2, T3, T4)> gen, Func<T1, T2, T3, T4, TResult> map) =>
        gen.Select(drawn => map(drawn.Item1, drawn.Item2, drawn.Item3, drawn.Item4));

    public static Gen<TResult> Select<T1, T2, T3, T4, T5, TResult>(
        this Gen<(T1, T2, T3, T4, T5)> gen, Func<T1, T2, T3, T4, T5, TResult> map) =>
        gen.Select(drawn => map(drawn.Item1, drawn.Item2, drawn.Item3, drawn.Item4, drawn.Item5));

    public static void Sample<T1, T2>(this Gen<(T1, T2)> gen, Action<T1, T2> act, int iter = 100) =>
        gen.Sample(drawn => act(drawn.Item1, drawn.Item2), iter);

    public static string Show(object? value) => value switch
    {
        byte[] bytes => BitConverter.ToString(bytes),
        IEnumerable<object> values => string.Join(", ", values.Select(Show)),
        _ => $"{value}",
    };
}
