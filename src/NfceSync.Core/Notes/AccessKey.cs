using System;

namespace NfceSync.Core.Notes;

/// <summary>The access key.</summary>
public sealed class AccessKey : IEquatable<AccessKey>
{
    private AccessKey(string value) => Value = value;

    /// <summary>The 44 characters.</summary>
    public string Value { get; }

    /// <inheritdoc/>
    public bool Equals(AccessKey? other) => other is not null && other.Value == Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AccessKey);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    internal static AccessKey Unchecked(string value) => new(value);
}
