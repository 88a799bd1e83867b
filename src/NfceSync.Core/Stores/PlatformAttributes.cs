#if !NET
namespace System.Runtime.Versioning;

// Read by the analyzers of net8.0; .NET Framework does not have them.
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SupportedOSPlatformAttribute : Attribute
{
    public SupportedOSPlatformAttribute(string platformName) => PlatformName = platformName;

    public string PlatformName { get; }
}

[AttributeUsage(AttributeTargets.Property)]
internal sealed class SupportedOSPlatformGuardAttribute : Attribute
{
    public SupportedOSPlatformGuardAttribute(string platformName) => PlatformName = platformName;

    public string PlatformName { get; }
}
#endif
